"""Crowds: asks the density model how many people there are, in the picture and in each crowd zone.

The cue is cheap: several people followed, or movement spread over the picture. A camera on which few people were counted is asked about seldom.
"""

from detection import crowds, experts, types
from detection.profile import CameraProfile
from detection.triggers import disaster
from detection.types import Kind, ObjectClass

_SEEN_WITHIN_S = 2.0
_CUE_PEOPLE = 5
_CUE_SPREAD = 0.2
"""Share of the picture's 8x8 fields that movement touches."""
_FIELDS = 8
_NEAR_S, _FAR_S, _QUIET_S = 2.0, 10.0, 30.0
"""Least time between questions: half of what is needed was there; a quarter, or many more are followed than then; fewer."""
_HALF, _QUARTER = 0.5, 0.25
_GROWN, _GROWN_BY = 1.5, 3
"""Many more people are followed than at the last answer: so many times as many, and at least so many more."""
_SHED_S = 5.0
"""A question that was shed is put again no sooner: preparing it costs too."""
_UNCUED_S = 300.0
"""Without a cue one look at the whole picture in so long asks all the same: a dense crowd may stand still and be no set of tracks."""


class CrowdExaminer:
    """Counts people in one camera's pictures."""

    task = crowds.TASK
    kinds = frozenset({Kind.CROWD})
    urgent = False

    def __init__(self, profile: CameraProfile) -> None:
        self._rules = [
            (rule, disaster.enough(rule, profile.behaviour, profile.calibration)[0])
            for rule in profile.rules(Kind.CROWD)
        ]
        self._asked_s = self._shed_s = float("-inf")
        self._fullness = 1.0  # people of the last answer, as a share of what makes a crowd
        self._followed = 0  # people followed at that time

    def examine(
        self, look: types.Look, tracks: tuple[types.Track, ...], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        """Take in one look; return the people in the picture ("people") and by rule ("people/NAME")."""
        now_s = look.frame.time_s
        if now_s - self._shed_s < _SHED_S - 0.05 or not self._is_due(now_s - self._asked_s, look, tracks):
            return ()
        answer = ask(self.task, crowds.prepare(look.frame))
        if answer is None:
            self._shed_s = now_s
            return ()
        self._asked_s, self._followed = now_s, followed(look, tracks)
        density = answer[0][0, 0]
        inside = [(rule.name, crowds.people_in(density, rule.points), needed) for rule, needed in self._rules]
        self._fullness = max((people / needed for _, people, needed in inside), default=0.0)
        values = (("people", float(density.sum())), *((f"people/{name}", people) for name, people, _ in inside))
        return (types.Evidence(Kind.CROWD, min(1.0, self._fullness / 2), values=values),)

    def _is_due(self, since_s: float, look: types.Look, tracks: tuple[types.Track, ...]) -> bool:
        if since_s < self._interval_s(look, tracks) - 0.05:
            return False
        if is_crowded(look, tracks):
            return True
        return since_s >= _UNCUED_S and _is_whole(look)

    def _interval_s(self, look: types.Look, tracks: tuple[types.Track, ...]) -> float:
        if self._fullness >= _HALF:
            return _NEAR_S
        people = followed(look, tracks)
        has_grown = people >= max(_GROWN * self._followed, self._followed + _GROWN_BY)
        return _FAR_S if self._fullness >= _QUARTER or has_grown else _QUIET_S


def is_crowded(look: types.Look, tracks: tuple[types.Track, ...]) -> bool:
    """Say whether several people are followed, or movement is spread over the picture."""
    return followed(look, tracks) >= _CUE_PEOPLE or _spread(look) >= _CUE_SPREAD


def followed(look: types.Look, tracks: tuple[types.Track, ...]) -> int:
    """Return how many people are followed and were seen lately."""
    now_s = look.frame.time_s
    return sum(t.label == ObjectClass.PERSON and now_s - t.last_seen_s <= _SEEN_WITHIN_S for t in tracks)


def _spread(look: types.Look) -> float:
    """Return the share of the picture's fields that movement touches."""
    touched: set[tuple[int, int]] = set()
    width, height = look.frame.width_px / _FIELDS, look.frame.height_px / _FIELDS
    for x1, y1, x2, y2 in look.motion:
        columns = range(max(0, int(x1 / width)), min(_FIELDS - 1, int(x2 / width)) + 1)
        rows = range(max(0, int(y1 / height)), min(_FIELDS - 1, int(y2 / height)) + 1)
        touched.update((row, column) for row in rows for column in columns)
    return len(touched) / _FIELDS**2


def _is_whole(look: types.Look) -> bool:
    """Say whether this look takes in the whole picture (the first one, and a recheck now and then)."""
    whole = (0.0, 0.0, float(look.frame.width_px), float(look.frame.height_px))
    return any(region == whole for region in look.regions)
