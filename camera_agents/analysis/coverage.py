"""How long each kind of a camera was really watched for: fully, degraded, or not at all, so that silence is not taken for calm.

Seconds are counted from looks. Time up to a look counts as what that look was; time without looks is blind. Hours at which a kind is off by its
schedule are not counted. A kind whose model is missing is never watched fully, and the reason is told with its seconds. Invariant: the seconds of
a kind only rise while the agent runs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from detection import profile
from detection.types import Kind
from sharing_hub.wire import v1

_BLINDING = frozenset({Kind.OFFLINE, Kind.FROZEN, Kind.LOOPED, Kind.BLINDED, Kind.SPRAYED, Kind.DEFOCUSED, Kind.MOVED})
"""While one of these is open the picture does not show what the other kinds are looked for in."""
_PARTLY = frozenset({Kind.CROWD})
"""Kinds of which something is still told without their model: people who are followed are counted one by one."""
_LEAST_HOLE_S = 3.0
_FAR_BACK_S = 5.0
_Quality = Callable[[Kind], str]


@dataclass(frozen=True, slots=True)
class Watched:
    """Seconds for which one kind was looked for."""

    full_s: float = 0.0
    degraded_s: float = 0.0
    blind_s: float = 0.0

    def plus(self, quality: str, seconds: float) -> "Watched":
        """Return it with more seconds of a quality: "full", "degraded" or "blind"."""
        return Watched(
            self.full_s + seconds * (quality == "full"),
            self.degraded_s + seconds * (quality == "degraded"),
            self.blind_s + seconds * (quality == "blind"),
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """When a look was: UTC seconds, and the local minute of the week."""

    time_s: float
    minute: int


class Coverage:
    """Counts for one camera. Fed by the thread that looks; read from any."""

    def __init__(
        self, watched: profile.CameraProfile, has_detector: bool, lacking: Mapping[Kind, str] | None = None
    ) -> None:
        """Begin with nothing counted.

        Args:
            has_detector: without one only the camera's own health is watched.
            lacking: kinds whose further model is not there, each with its task.
        """
        self._profile = watched
        self._has_detector = has_detector
        self._lacking = dict(lacking or {})
        self._hole_s = max(_LEAST_HOLE_S, 2 * watched.schedule.look_interval_s)
        self._counted_s: float | None = None
        self._seconds = dict.fromkeys(sorted(watched.kinds), Watched())

    def begin(self, now_s: float) -> None:
        """Count from here on; nothing where it has begun."""
        self._counted_s = now_s if self._counted_s is None else self._counted_s

    def looked(self, at: Moment, shed: bool, shed_kinds: Collection[Kind], going_on: Iterable[Kind]) -> None:
        """Take in a look that was concluded.

        Args:
            shed: objects were to be looked for and the detector had no time.
            shed_kinds: kinds whose further questions went without answer.
            going_on: the kinds of the events that go on.
        """
        step_s = self._step(at.time_s)
        if step_s > self._hole_s:
            self._add(step_s, at.minute, _quality_of_a_hole)
            return
        blinded = not _BLINDING.isdisjoint(going_on)

        def quality(kind: Kind) -> str:
            if kind in profile.HEALTH_KINDS:
                return "full"
            if blinded or (kind not in profile.WHOLE_PICTURE_KINDS and not self._has_detector):
                return "blind"
            if kind in profile.WHOLE_PICTURE_KINDS:
                return "full"
            if kind in self._lacking and kind not in _PARTLY:
                return "blind"
            return "degraded" if shed or kind in shed_kinds or kind in self._lacking else "full"

        self._add(step_s, at.minute, quality)

    def waited(self, now_s: float, minute: int) -> None:
        """Take in that time passed without a look; so long as looks may still come late it waits with its judgement."""
        if self._counted_s is not None and now_s - self._counted_s > self._hole_s:
            self._add(self._step(now_s), minute, _quality_of_a_hole)

    def told(self) -> tuple[v1.Coverage, ...]:
        """Return what was counted, kinds with equal seconds and the same thing missing together."""
        groups: dict[tuple[Watched, str], list[str]] = {}
        for kind, seconds in self._seconds.items():
            groups.setdefault((seconds, self._missing(kind)), []).append(str(kind))
        return tuple(
            v1.Coverage.model_validate(
                {
                    "kinds": kinds,
                    "full_s": round(seconds.full_s, 1),
                    "degraded_s": round(seconds.degraded_s, 1),
                    "blind_s": round(seconds.blind_s, 1),
                    "missing": missing,
                }
            )
            for (seconds, missing), kinds in groups.items()
            if seconds != Watched()
        )

    def _missing(self, kind: Kind) -> str:
        """Return what keeps a kind from ever being watched fully; "" where nothing does."""
        if not self._has_detector and kind not in profile.WHOLE_PICTURE_KINDS:
            return "no object detector"
        return f"no model for {self._lacking[kind]}" if kind in self._lacking else ""

    def _step(self, time_s: float) -> float:
        """Return the time since what was counted last; a clock set back, and frames from before, count nothing."""
        since_s = time_s if self._counted_s is None else self._counted_s
        if not time_s - since_s >= 0:
            self._counted_s = time_s if since_s - time_s > _FAR_BACK_S else since_s
            return 0.0
        self._counted_s = time_s
        return time_s - since_s

    def _add(self, seconds: float, minute: int, quality: _Quality) -> None:
        if seconds <= 0:
            return
        for kind, before in self._seconds.items():
            if self._profile.is_on(kind, minute):
                self._seconds[kind] = before.plus(quality(kind), seconds)


def _quality_of_a_hole(kind: Kind) -> str:
    """Nothing was seen; that this is noticed is what `offline` is for."""
    return "full" if kind == Kind.OFFLINE else "blind"
