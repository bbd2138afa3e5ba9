"""One camera's way from frames to events: gate, regions, tracker, triggers. Where a detector runs is the caller's choice.

For each frame that the schedule yields: `look`, then (if the schedule agrees) a detector on `look.regions` if there are any,
then `conclude`. Times never fall for the triggers: a frame slightly late takes the newest time, and a clock that was set
back ends every open behaviour and starts anew.
"""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from detection import budget, examiners, experts, kinds, motion, profile, regions, snapshots, tracker, triggers, types

SET_BACK_S = 5.0
"""A time this much before the newest is a clock set back, not a late frame."""

_NOT_STATE = frozenset({"_timer", "_profile", "_models", "_further", "_settings_sha256", "_week_minute"})
"""What a pipeline is made with; everything else it remembers."""
Timer = Callable[[str], AbstractContextManager[None]]
"""Given a stage's name, something to run it in (`bench` measures with it)."""
_UNTIMED = nullcontext()


class CameraPipeline:
    """Everything detection remembers about one camera."""

    def __init__(
        self,
        wanted: profile.CameraProfile,
        model: types.ModelUsed | None,
        timer: Timer = lambda _: _UNTIMED,
        further: Mapping[str, types.ModelUsed] | None = None,
        week_minute: Callable[[float], int] | None = None,
    ) -> None:
        """Begin with nothing seen.

        Args:
            model: the object detector; None where objects are never looked for.
            further: the models for other questions, by task.
            week_minute: gives the local minute of the week (Monday 00:00 = 0) of a time; None where times are no calendar's: the
                profile's hours do not count then.
        """
        self._timer = timer
        self._profile = wanted
        # Where only the camera itself is watched, nobody needs to know what moves in its picture.
        objects_matter = bool(wanted.kinds - kinds.WHOLE_PICTURE_KINDS)
        self._models = (model,) if model is not None and objects_matter else ()
        self._further = dict(further or {})
        self._settings_sha256 = profile.settings_sha256(wanted)
        self._gate = motion.Gate(wanted.motion)
        self._chooser = regions.Chooser(wanted.regions)
        self._tracker = tracker.Tracker(wanted.tracker)
        self._examiners = examiners.make_examiners(wanted, self._further.keys())
        self._triggers = triggers.make_triggers(wanted)
        self._purse = budget.Purse(wanted.budget)
        self._week_minute = week_minute
        self._clock: types.ClockReading | None = None
        self._open: dict[str, None] = {}  # keys of behaviours raised and not ended, in order
        self._lives = 0  # how often the clock was set back
        self._now_s = self._frame_s = float("-inf")
        self._size_px = (1, 1)

    @property
    def has_tracks(self) -> bool:
        """Whether objects are being followed."""
        return bool(self._tracker.tracks)

    @property
    def waiting_regions(self) -> int:
        """How many regions had to wait for a later look because one look could not pay for them, so far."""
        return self._chooser.waiting

    def kinds_of(self, task: str) -> frozenset[types.Kind]:
        """Return the kinds that a task's model is asked for."""
        return frozenset().union(*(one.kinds for one in self._examiners if one.task == task))

    def note_clock(self, reading: types.ClockReading | None) -> None:
        """Take what the camera's own clock said last; None where it says nothing."""
        self._clock = reading

    def snapshot(self) -> bytes:
        """Return everything it remembers, so that another pipeline of the same profile can go on from here.

        Raises:
            SnapshotError: a part of it remembers something of no form that is kept.
        """
        return snapshots.freeze(self._state(), for_onto=True)

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot, in place of everything remembered so far.

        Raises:
            SnapshotError: the bytes are no snapshot, or one of another profile or program.
        """
        fresh = CameraPipeline(
            self._profile, next(iter(self._models), None), self._timer, self._further, self._week_minute
        )._state()
        read = snapshots.thaw(data, fresh)
        if not isinstance(read, dict) or _shape(read) != _shape(fresh):
            raise snapshots.SnapshotError("the state is of another profile, or of another version of the program")
        for name, value in read.items():
            setattr(self, name, value)

    def _state(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name not in _NOT_STATE}

    def look(self, frame: types.Frame) -> types.Look:
        """Say what moved in a frame and where a detector should look. Cheap; a frame may be looked at again."""
        with self._timer("gate"):
            seen = self._gate.look(frame)
        size_px = (frame.width_px, frame.height_px)
        if size_px != self._size_px:  # another stream profile, or a new scene: boxes in pixels mean nothing any more
            self._tracker.forget()
            self._size_px = size_px
        with self._timer("regions"):
            expected = self._tracker.predict(frame.time_s)
            chosen = self._chooser.choose(frame.time_s, size_px, seen.boxes, expected) if self._models else ()
        return types.Look(frame, seen.thumb, bool(seen.boxes), seen.boxes, chosen)

    def conclude(
        self, look: types.Look, detections: types.Detections | None, ask: experts.Ask = experts.nobody
    ) -> types.Step:
        """Take what a detector found in the regions of a look.

        Args:
            detections: None when it was shed, or when there was nothing to look for.
            ask: how further models are asked.
        """
        begun = self._advance(look.frame.time_s)
        self._frame_s = self._now_s
        if detections is not None:
            self._chooser.note_look(self._now_s, self._size_px, look.regions)
        looked = look.regions if detections is not None else ()
        with self._timer("tracker"):
            tracks = self._tracker.update(detections, looked, self._now_s, self._size_px)
        minute = self._minute()
        with self._timer("examiners"):
            seen = dataclasses.replace(look, found=detections)
            due = [one for one in self._examiners if self._is_due(one, minute)]
            over_budget: list[str] = []
            self._purse.fill(self._now_s)
            evidence = tuple(
                found for one in due for found in one.examine(seen, tracks, self._within_budget(one, ask, over_budget))
            )
        scene = types.Scene(
            self._now_s,
            self._size_px[0],
            self._size_px[1],
            tracks,
            look.thumb,
            detections is not None,
            look.motion,
            evidence,
            self._clock,
            minute,
        )
        with self._timer("triggers"):
            return dataclasses.replace(self._step(begun, scene), over_budget=tuple(over_budget))

    def tick(self, now_s: float) -> types.Step:
        """Let time pass without a frame. Nothing is concluded before the camera counts as offline: frames that were held up on
        their way come with their own times, and must not find that time has gone on without them."""
        if 0 <= now_s - self._frame_s < self._profile.health.offline_after_s:
            return types.Step(tracks=self._tracker.tracks)
        begun = self._advance(now_s)
        scene = types.Scene(self._now_s, self._size_px[0], self._size_px[1], self._tracker.tracks, None, False)
        return self._step(begun, dataclasses.replace(scene, clock=self._clock, week_minute=self._minute()))

    def _within_budget(self, one: examiners.Examiner, ask: experts.Ask, over_budget: list[str]) -> experts.Ask:
        """Return a function that asks while the camera's budget lasts, and notes what it did not allow."""

        def asked(task: str, blob: experts.Blob) -> experts.Answer | None:
            if not self._purse.spend(task, blob.size, one.urgent):
                over_budget.append(task)
                return None
            answer = ask(task, blob)
            if answer is None:
                self._purse.give_back(task, blob.size)
            return answer

        return asked

    def _minute(self) -> int | None:
        return None if self._week_minute is None else self._week_minute(self._now_s)

    def _is_due(self, one: examiners.Examiner, minute: int | None) -> bool:
        """Whether anything an examiner looks for is on now."""
        return any(self._profile.is_on(kind, minute) for kind in one.kinds)

    def _step(self, begun: tuple[types.Ended, ...], scene: types.Scene) -> types.Step:
        raised: list[types.Raised] = []
        ended = list(begun)
        for trigger in self._triggers:
            for said in trigger.update(scene):
                if isinstance(said, types.Raised):
                    raised.append(self._fill_in(said))
                    self._open[raised[-1].key] = None
                else:
                    ended.append(types.Ended(self._own_key(said.key), said.ended_s))
                    self._open.pop(ended[-1].key, None)
        return types.Step(tuple(raised), tuple(ended), scene.tracks, scene.evidence)

    def _advance(self, time_s: float) -> tuple[types.Ended, ...]:
        """Move the clock on; where it was set back, end what is open and begin a new life."""
        if time_s >= self._now_s - SET_BACK_S:
            self._now_s = max(self._now_s, time_s)
            return ()
        ended = tuple(types.Ended(key, self._now_s) for key in self._open)
        self._open.clear()
        self._tracker.forget()
        self._examiners = examiners.make_examiners(self._profile, self._further.keys())
        self._triggers = triggers.make_triggers(self._profile)
        self._lives += 1
        self._now_s = time_s
        return ended

    def _fill_in(self, said: types.Raised) -> types.Raised:
        """Name what had a part in it."""
        return dataclasses.replace(
            said,
            key=self._own_key(said.key),
            models=self._models_of(said.kind),
            settings_sha256=self._settings_sha256,
        )

    def _models_of(self, kind: types.Kind) -> tuple[types.ModelUsed, ...]:
        """Return the models that have a part in events of this kind."""
        if kind in profile.WHOLE_PICTURE_KINDS:
            return ()
        asked = {one.task for one in self._examiners if kind in one.kinds}
        return (*self._models, *(self._further[task] for task in sorted(asked - {""})))

    def _own_key(self, key: str) -> str:
        """Keep keys unique over the camera's run though triggers began anew."""
        return f"{key}#{self._lives}" if self._lives else key


def _shape(state: Mapping[str, object]) -> object:
    """Return what two states must have in common: their names, and their triggers and examiners one by one."""
    members = [state[name] for name in ("_triggers", "_examiners")]
    return sorted(state), [[type(one) for one in many] if isinstance(many, tuple) else None for many in members]
