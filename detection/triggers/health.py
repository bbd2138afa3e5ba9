"""Camera health: offline, frozen, and a view that is blinded, sprayed, out of focus or moved. One look a second is enough for all of them."""

from collections.abc import Sequence

from detection import types
from detection.thresholds import HealthThresholds
from detection.triggers import repeats, verdicts, view
from detection.types import Kind

Outcome = tuple[types.Raised | types.Ended, ...]

VIEW_KINDS = frozenset({Kind.BLINDED, Kind.SPRAYED, Kind.DEFOCUSED, Kind.MOVED})

_LIVE_PICTURES = 2
_KEY_PAIRS = 2
_NOISELESS_FACTOR = 10.0
_VIEW_INTERVAL_S = 0.9
"""The view is compared at most this often, however many looks there are: it costs as much as the motion gate."""
_CALM_INTERVAL_S = 1.9
"""And this often while nothing changes and nothing is suspected."""
_CALM_SHARE = 0.02
_WARM_UP_S = 3.0
_SAME_SCENE = 0.85
"""Correlation of the cells' brightness from which the picture shows the same scene, however blurred."""


def _raised(
    kind: Kind, number: int, span_s: tuple[float, float], conditions: Sequence[types.Condition]
) -> types.Raised:
    return types.Raised(
        key=f"{kind}/{number}", kind=kind, trigger=str(kind), started_s=span_s[0], raised_s=span_s[1], score=1.0,
        conditions=tuple(conditions),
    )  # fmt: skip


class Offline:
    """Raises when no picture was looked at for a while, ends with the next picture."""

    def __init__(self, limits: HealthThresholds) -> None:
        self._limits = limits
        self._last_s: float | None = None
        self._number = 0
        self._key = ""

    def update(self, scene: types.Scene) -> Outcome:
        """Take in a look, or the passing of time (no thumb)."""
        if scene.thumb is not None:
            self._last_s = scene.time_s
            key, self._key = self._key, ""
            return (types.Ended(key, scene.time_s),) if key else ()
        if self._last_s is None:
            self._last_s = scene.time_s
        without = verdicts.at_least("no_picture", scene.time_s - self._last_s, self._limits.offline_after_s, "s")
        if self._key or not verdicts.hold((without,)):
            return ()
        self._number += 1
        raised = _raised(Kind.OFFLINE, self._number, (self._last_s, scene.time_s), (without,))
        self._key = raised.key
        return (raised,)


class Frozen:
    """Raises when the stream goes on and its picture does not: key frames repeat each other without the camera's own noise.

    A camera not known yet is given longer; one known to be without noise (a rendering, a strong noise filter) much longer.
    """

    def __init__(self, limits: HealthThresholds) -> None:
        self._limits = limits
        self._repeats = repeats.Repeats(limits.frozen_noise_kept)
        self._number = 0
        self._key = ""
        self._live = 0
        self._run_s: float | None = None
        self._last_s: float | None = None

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        thumb = scene.thumb
        if thumb is None:
            return ()
        if self._last_s is not None and scene.time_s - self._last_s > self._limits.offline_after_s:
            self._repeats.forget()
        self._last_s = scene.time_s
        self._repeats.add(thumb)
        if self._key:
            return self._end(scene.time_s)
        conditions = self._conditions(thumb)
        if not verdicts.hold(conditions):
            return ()
        self._number += 1
        self._run_s = self._repeats.since_s
        raised = _raised(Kind.FROZEN, self._number, (self._run_s or thumb.time_s, thumb.time_s), conditions)
        self._key, self._live = raised.key, 0
        return (raised,)

    def _conditions(self, thumb: types.Thumb) -> tuple[types.Condition, ...]:
        run = self._repeats
        lasted_s = thumb.time_s - run.since_s if run.since_s is not None else 0.0
        return (
            verdicts.at_least("repeating", lasted_s, self._needed_s(), "s"),
            verdicts.at_least("key_frame_pairs", run.compared, _KEY_PAIRS, "pairs"),
            verdicts.at_most("difference", run.difference, run.allowed, "grey levels"),
            verdicts.at_least("contrast", repeats.contrast(thumb), self._limits.flat_contrast, "grey levels"),
        )

    def _needed_s(self) -> float:
        if self._repeats.is_noisy:
            return self._limits.frozen_after_s
        unknown = self._repeats.noise is None
        return self._limits.still_after_s * (1.0 if unknown else _NOISELESS_FACTOR)

    def _end(self, now_s: float) -> Outcome:
        """End when the run is broken by live pictures; a single odd one is an encoder's doing."""
        if self._repeats.since_s == self._run_s:
            self._live = 0
            return ()
        self._live += 1
        if self._live < _LIVE_PICTURES:
            return ()
        ended = types.Ended(self._key, self._repeats.since_s if self._repeats.since_s is not None else now_s)
        self._key = ""
        return (ended,)


class View:
    """Raises when the camera no longer shows what it used to: blinded, sprayed, out of focus, or moved. One of them at a time."""

    def __init__(self, kinds: frozenset[Kind], limits: HealthThresholds) -> None:
        self._kinds = kinds
        self._limits = limits
        self._reference = view.Reference()
        self._first_s: float | None = None
        self._last_s = 0.0
        self._since_s: dict[Kind, float] = {}
        self._flat_s: float | None = None
        self._open: types.Raised | None = None
        self._restored_s: float | None = None
        self._number = 0

    def update(self, scene: types.Scene) -> Outcome:
        """Take in one look."""
        thumb = scene.thumb
        if thumb is None:
            return ()
        passed_s = thumb.time_s - self._last_s
        if self._first_s is None:
            self._first_s, passed_s = thumb.time_s, 0.0
        elif passed_s < (_CALM_INTERVAL_S if self._is_calm(thumb) else _VIEW_INTERVAL_S):
            return ()
        self._last_s = thumb.time_s
        change = self._reference.compare(thumb)
        if thumb.time_s - self._first_s < _WARM_UP_S:
            self._reference.learn(passed_s)
            return ()
        if self._open is not None:
            return self._end(thumb.time_s, self._open, change)
        if change.lost_share < self._limits.restored_share and change.detail > self._limits.sharpness_kept:
            self._reference.learn(passed_s)
        return self._begin(thumb.time_s, change)

    def _is_calm(self, thumb: types.Thumb) -> bool:
        known = self._first_s is not None and thumb.time_s - self._first_s > 2 * _WARM_UP_S
        return known and thumb.moving_share < _CALM_SHARE and not self._since_s and self._open is None

    def _begin(self, now_s: float, change: view.Change) -> Outcome:
        for kind in (Kind.DEFOCUSED, Kind.SPRAYED, Kind.BLINDED, Kind.MOVED):
            conditions = self._conditions(kind, change)
            if kind not in self._kinds or not verdicts.hold(conditions):
                self._since_s.pop(kind, None)
                continue
            since_s = self._since_s.setdefault(kind, now_s)
            lasted = verdicts.at_least("lasted", now_s - since_s, self._hold_s(kind, change), "s")
            if verdicts.hold((lasted,)):
                return (self._raise(kind, (since_s, now_s), (*conditions, lasted)),)
        return ()

    def _raise(self, kind: Kind, span_s: tuple[float, float], conditions: Sequence[types.Condition]) -> types.Raised:
        self._number += 1
        self._open = _raised(kind, self._number, span_s, conditions)
        self._restored_s = None
        self._since_s.clear()
        return self._open

    def _conditions(self, kind: Kind, change: view.Change) -> tuple[types.Condition, ...]:
        limits = self._limits
        if kind == Kind.DEFOCUSED:
            return (
                verdicts.at_most("detail", change.detail, limits.sharpness_kept, "of usual"),
                verdicts.at_least("scene_likeness", change.coarse_likeness, _SAME_SCENE, "correlation"),
                verdicts.at_least("structured_cells", change.structured_cells, view.LEAST_CELLS, "cells"),
            )
        if not change.judged and kind == Kind.BLINDED:
            return (verdicts.at_most("contrast", change.contrast, limits.flat_contrast, "grey levels"),)
        share = limits.sprayed_share if kind == Kind.SPRAYED else limits.covered_share
        covered = (
            verdicts.at_least("view_lost", change.lost_share, share, "share"),
            verdicts.at_most("structure", change.structure, limits.structure_kept, "of usual"),
        )
        if kind == Kind.SPRAYED:
            return (*covered, verdicts.at_least("view_left", change.left, limits.spray_left, "of usual"))
        if kind == Kind.BLINDED and Kind.SPRAYED in self._kinds:
            return (*covered, verdicts.at_most("view_left", change.left, limits.spray_left, "of usual"))
        if kind == Kind.BLINDED:
            return covered
        return (
            verdicts.at_least("view_lost", change.lost_share, limits.lost_share, "share"),
            verdicts.at_least("structure", change.structure, limits.structure_kept, "of usual"),
        )

    def _hold_s(self, kind: Kind, change: view.Change) -> float:
        if kind == Kind.DEFOCUSED:
            return self._limits.defocus_hold_s
        return self._limits.view_hold_s if change.judged else self._limits.flat_hold_s

    def _end(self, now_s: float, opened: types.Raised, change: view.Change) -> Outcome:
        sharp = change.detail > 1.2 * self._limits.sharpness_kept or opened.kind != Kind.DEFOCUSED
        shows = change.judged or change.contrast > 2 * self._limits.flat_contrast
        if change.lost_share < self._limits.restored_share and sharp and shows:
            self._restored_s = now_s if self._restored_s is None else self._restored_s
            if now_s - self._restored_s < self._limits.view_hold_s:
                return ()
            ended_s = self._restored_s
        elif opened.kind == Kind.MOVED and now_s - opened.raised_s >= self._limits.relearn_s:
            self._reference.relearn()
            ended_s = now_s
        else:
            self._restored_s = None
            return ()
        self._open = None
        return (types.Ended(opened.key, ended_s),)
