"""Which of an agent's cameras shake at the same time: one may be a lorry beside its pole, several are the ground."""

import dataclasses
import threading

from detection import types

CAMERAS = 3
"""From so many on it is told."""
WITHIN_S = 3.0


class Together:
    """Shared by all cameras, from any thread; remembers one time a camera."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shaken_s: dict[str, float] = {}

    def note(self, camera_id: str, raised: types.Raised) -> types.Raised:
        """Return the event with how many cameras shake, where they are several; other kinds as they are."""
        if raised.kind != types.Kind.SHAKE:
            return raised
        with self._lock:
            self._shaken_s[camera_id] = raised.raised_s
            count = sum(abs(raised.raised_s - at_s) <= WITHIN_S for at_s in self._shaken_s.values())
        if count < CAMERAS:
            return raised
        several = types.Condition("cameras_shaking", float(count), ">=", float(CAMERAS), "cameras")
        return dataclasses.replace(raised, conditions=(*raised.conditions, several))
