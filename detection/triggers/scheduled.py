"""Triggers that are on at some hours of the week only.

Outside their hours they see nothing and what they raised is ended; at the next hour that is theirs they begin anew, so that no dwell is
carried over the time between. Where a scene names no minute of the week (a file), they are on.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

from detection import hours, types


class _Trigger(Protocol):
    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]: ...


class Scheduled:
    """The triggers that `make` returns, while `week` is on."""

    def __init__(self, week: hours.Week, make: Callable[[], Sequence[_Trigger]]) -> None:
        self._week = week
        self._make = make
        self._triggers: Sequence[_Trigger] = ()
        self._is_on = False
        self._turns = 0
        self._open: dict[str, None] = {}  # keys, in order

    def make_parts(self) -> None:
        """Make the triggers, for state that is about to be read onto them."""
        self._triggers = self._make()

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look, or the passing of time."""
        if scene.week_minute is not None and not self._week.is_on(scene.week_minute):
            ended = tuple(types.Ended(key, scene.time_s) for key in self._open)
            self._open.clear()
            self._triggers, self._is_on = (), False
            return ended
        if not self._is_on:
            self._triggers, self._is_on = self._make(), True
            self._turns += 1
        return tuple(self._noted(said) for trigger in self._triggers for said in trigger.update(scene))

    def _noted(self, said: types.Raised | types.Ended) -> types.Raised | types.Ended:
        """Keep track of what is open, and keys apart though triggers began anew."""
        key = said.key if self._turns == 1 else f"{said.key}~{self._turns}"
        if isinstance(said, types.Ended):
            self._open.pop(key, None)
        else:
            self._open[key] = None
        return dataclasses.replace(said, key=key)
