"""Looped: the stream goes on and its pictures are a recording of itself, played again."""

from detection import types
from detection.thresholds import HealthThresholds
from detection.triggers import repeats, replays, verdicts
from detection.types import Kind

_PAIRS = 8


class Looped:
    """Raises when key frames come again, one after the other, at one constant lag; ends with the first that do not.

    A loop is known at the earliest when it begins to play for the second time.
    """

    def __init__(self, limits: HealthThresholds) -> None:
        self._limits = limits
        self._replays = replays.Replays(limits.loop_shortest_s, limits.loop_longest_s, limits.loop_noise_kept)
        self._number = 0
        self._open: types.Raised | None = None
        self._run: replays.Run | None = None

    def update(self, scene: types.Scene) -> tuple[types.Raised | types.Ended, ...]:
        """Take in one look."""
        thumb = scene.thumb
        if thumb is None or not thumb.is_key:
            return ()
        runs = self._replays.add(thumb.luma, scene.time_s)
        if self._open is not None:
            return self._end(scene.time_s, self._open, runs)
        for run in runs:
            conditions = self._conditions(thumb, run)
            if verdicts.hold(conditions):
                self._number += 1
                self._run = run
                self._open = types.Raised(
                    key=f"{Kind.LOOPED}/{self._number}", kind=Kind.LOOPED, trigger=str(Kind.LOOPED),
                    started_s=run.since_s, raised_s=scene.time_s, score=1.0, conditions=conditions,
                )  # fmt: skip
                return (self._open,)
        return ()

    def _conditions(self, thumb: types.Thumb, run: replays.Run) -> tuple[types.Condition, ...]:
        return (
            verdicts.at_least("repeating", run.newest_s - run.since_s, self._limits.loop_after_s, "s"),
            verdicts.at_least("key_frame_pairs", run.pairs, _PAIRS, "pairs"),
            verdicts.at_least("loop_length", run.lag_s, self._limits.loop_shortest_s, "s"),
            verdicts.at_most("changed_since_loop", run.changed, self._limits.loop_noise_kept * run.usual, "share"),
            verdicts.at_least("usual_change", run.usual, replays.LEAST_CHANGE, "share"),
            verdicts.at_least("contrast", repeats.contrast(thumb), self._limits.flat_contrast, "grey levels"),
        )

    def _end(
        self, now_s: float, opened: types.Raised, runs: tuple[replays.Run, ...]
    ) -> tuple[types.Raised | types.Ended, ...]:
        """End when no run is left; another lag that takes over is the same replay."""
        if self._run not in runs:
            self._run = runs[0] if runs else None
        if self._run is not None:
            return ()
        self._open = None
        return (types.Ended(opened.key, now_s),)
