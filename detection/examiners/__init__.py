"""Examiners: each looks at frames for one group of kinds when a cheap cue says so, and asks a model only then.

An examiner holds one camera's state, decides by time stamps when it is due (its kind's own rate), prepares what a model needs, and turns the
answers into evidence; triggers decide. A question that was shed gives no evidence at that look.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

from detection import experts, types
from detection.examiners import crowd, fall, fight, fire, flood, weapon
from detection.profile import CameraProfile
from detection.types import Kind

__all__ = ["Examiner", "lacking", "make_examiners", "tasks_of"]


class Examiner(Protocol):
    """What the pipeline asks of an examiner.

    Attributes:
        task: the model task it asks; "" where it needs none.
        kinds: what its evidence is about.
        urgent: whether the question that it puts is about something that may be happening: the last to be shed.
    """

    @property
    def task(self) -> str: ...
    @property
    def kinds(self) -> frozenset[types.Kind]: ...
    @property
    def urgent(self) -> bool: ...

    def examine(
        self, look: types.Look, tracks: tuple[types.Track, ...], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        """Take in one look and return what it shows; () where nothing was due. Times of looks never fall."""
        ...


def make_examiners(profile: CameraProfile, tasks: Collection[str]) -> tuple[Examiner, ...]:
    """Return the examiners that `profile` asks for and whose models are there (`tasks`), in a fixed order."""
    return tuple(one for one in _wanted(profile) if not one.task or one.task in tasks)


def tasks_of(profile: CameraProfile) -> frozenset[str]:
    """Return the tasks whose models `profile` has questions for."""
    return frozenset(one.task for one in _wanted(profile)) - {""}


def lacking(profile: CameraProfile, tasks: Collection[str]) -> Mapping[Kind, str]:
    """Return the kinds that `profile` asks for and whose model is not among `tasks`, each with the task that nobody answers."""
    missing = [one for one in _wanted(profile) if one.task and one.task not in tasks]
    return {kind: one.task for one in missing for kind in sorted(one.kinds & profile.kinds)}


def _wanted(profile: CameraProfile) -> list[Examiner]:
    made: list[Examiner] = []
    if Kind.FALL in profile.kinds:
        made.append(fall.Falls(profile.falls))
    if Kind.CROWD in profile.kinds:
        made.append(crowd.CrowdExaminer(profile))
    if Kind.FLOOD in profile.kinds:
        made.append(flood.FloodExaminer(profile))
    if Kind.FIGHT in profile.kinds:
        made.append(fight.Fight())
    if Kind.WEAPON in profile.kinds:
        made.append(weapon.WeaponExaminer(profile.weapon))
    if fires := profile.kinds & fire.FireExaminer.kinds:
        made.append(fire.FireExaminer(profile.fire, fires))
    return made
