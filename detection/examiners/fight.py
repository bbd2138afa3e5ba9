"""Fights: where people are close and much moves, the newest pictures of that part are put to a small temporal model.

The last six looks are kept small, so that the answer does not wait for pictures taken after the cue: a clip of two seconds is answered
before it ends. Where people have just come close the model is asked three times in a row, then only as long as its answers are suspicious,
and once a second where that goes on: a trigger believes no single answer, and a short fight leaves no time for pauses between questions.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from detection import boxes, experts, types
from detection.examiners import closeness, shots
from detection.types import Kind, ObjectClass

TASK = "fight"
FRAMES = 6
SIDE_PX = 224
"""What the model takes: uint8 (FRAMES, SIDE_PX, SIDE_PX, 3) BGR; recipes/fight.py trains on the very arrays made here."""
SPAN_S = 2.0
"""Six pictures that span more than this are too far apart for the model."""
AGAIN_S = 0.35
SHED_S = 1.0
"""A question that was shed is put again no sooner: preparing it costs too."""
SUSPICIOUS = 0.3
"""After an answer from here on the model is asked again soon: a trigger believes no single answer."""
CALM_ANSWERS, CALM_REST_S = 3, 4.0
"""After this many answers in a row that see no fight, people who go on being close are put to the model less often."""
LONG_CALM_ANSWERS, LONG_REST_S = 5, 8.0
"""And after this many still less, as long as no more changes there than at those answers: a struggle is livelier than the walk before it."""
PEEK_S, LIVELIER = 1.0, 1.5
"""While it rests, how much changes is compared so often, and must be so many times as much for the model to be asked at once."""
QUICK_ANSWERS, SLOW_S = 5, 2.0
"""So many questions follow each other at once; where answers go on being suspicious after them, one every other second is enough."""
NOTED_S = 1.2
"""Who is close is noted for so long before the next question: while the pictures are taken that it will show."""
SEEN_WITHIN_S = 1.0
LEAST_SCORE = 0.3
SAME_SHARE = 0.5
MOST_PLACES = 4
"""Places noted at one look."""
LEAST_CHANGED = 0.03
"""Least share of an area's pixels that change from look to look: people who stand or sit together are not put to the model."""
LEAST_SIDE_PX = 24
"""Smaller areas (on pictures as they are kept) show nothing of what people do."""


@dataclass(frozen=True, slots=True)
class Place:
    """An area in which people were close, in pixels of the picture, and when."""

    area: types.Box
    time_s: float


class Fight:
    """The examiner of one camera."""

    task = TASK
    kinds = frozenset({Kind.FIGHT})

    def __init__(self) -> None:
        self._shots = shots.Shots(FRAMES)
        self._places: deque[Place] = deque(maxlen=4 * FRAMES)
        self._due_s = float("-inf")
        self._calm = 0  # answers in a row without suspicion
        self._quick = 0  # questions since the last pause
        self._usual = 0.0  # the largest share that changed at the calm answers
        self._peek_s = float("-inf")
        self.urgent = False

    def examine(
        self, look: types.Look, tracks: tuple[types.Track, ...], ask: experts.Ask
    ) -> tuple[types.Evidence, ...]:
        """Take in one look; ask about the busiest place where people are close."""
        now_s = look.frame.time_s
        if not look.regions or not self._shots.keep(look.frame):
            return ()
        frames = self._shots.newest(SPAN_S)
        if now_s - self._due_s > CALM_REST_S:
            self._calm, self._quick, self._usual = 0, 0, 0.0  # nobody was close for a while: these are others
        rests = now_s < self._due_s
        peeks = rests and bool(frames) and self._may_peek(now_s)
        if peeks or self._due_s - now_s <= NOTED_S:
            self._note_places(look, tracks)
        if not frames or (rests and not peeks):
            return ()
        scale = frames[0].width_px / look.frame.width_px
        chosen = self._busiest(frames, scale)
        if chosen is None or (rests and chosen[1] < LIVELIER * self._usual):
            return ()
        part, changed = chosen
        self.urgent = self._quick > 0 and self._calm == 0
        answer = ask(TASK, shots.cut(frames, part, SIDE_PX))
        score = 0.0 if answer is None else float(np.clip(answer[0].flat[0], 0.0, 1.0))
        self._due_s = now_s + self._rest_s(answer is None, score)
        if answer is None:
            return ()
        self._usual = max(self._usual, changed) if self._calm else 0.0
        x1, y1, x2, y2 = (side / scale for side in part)
        return (types.Evidence(Kind.FIGHT, score, (x1, y1, x2, y2), (("changed", changed),)),)

    def _may_peek(self, now_s: float) -> bool:
        """Say whether a pause after calm answers may end early, if more changes than at them."""
        if self._calm < CALM_ANSWERS or now_s < self._peek_s:
            return False
        self._peek_s = now_s + PEEK_S
        return True

    def _rest_s(self, shed: bool, score: float) -> float:
        if shed:
            return SHED_S
        self._calm = 0 if score >= SUSPICIOUS else self._calm + 1
        if self._calm >= CALM_ANSWERS:
            self._quick = 0
            return CALM_REST_S if self._calm < LONG_CALM_ANSWERS else LONG_REST_S
        self._quick += 1
        return AGAIN_S if self._quick < QUICK_ANSWERS else SLOW_S

    def _note_places(self, look: types.Look, tracks: tuple[types.Track, ...]) -> None:
        areas = closeness.close_areas(_people(look, tracks), look.motion)
        self._places.extend(Place(area, look.frame.time_s) for area in areas[:MOST_PLACES])

    def _busiest(self, frames: tuple[types.Frame, ...], scale: float) -> tuple[types.Box, float] | None:
        """Return where most changes of all places noted while `frames` were taken, in their pixels, and the share that changes."""
        best: tuple[float, types.Box, float] | None = None
        for place in self._places:
            if place.time_s < frames[0].time_s:
                continue
            x1, y1, x2, y2 = (side * scale for side in place.area)
            part = shots.square((x1, y1, x2, y2), frames[0].width_px, frames[0].height_px)
            if min(boxes.width(part), boxes.height(part)) < LEAST_SIDE_PX:
                continue
            changed = shots.changed_share(frames, part)
            weight = changed * boxes.size(part) ** 0.5
            if changed >= LEAST_CHANGED and (best is None or weight > best[0]):
                best = weight, part, changed
        return None if best is None else (best[1], best[2])


def _people(look: types.Look, tracks: tuple[types.Track, ...]) -> list[types.Box]:
    """Return the people found at this look, most certain first, then those followed whom it did not show.

    Detections count, not only tracks: those who struggle are found weakly and change shape, and are believed as tracks late or never.
    """
    people: list[types.Box] = []
    if look.found is not None:
        order = np.argsort(-look.found.score, kind="stable")
        people = [
            boxes.as_box(look.found.xyxy[i])
            for i in order
            if look.found.label[i] == ObjectClass.PERSON and look.found.score[i] >= LEAST_SCORE
        ]
    for track in tracks:
        recent = look.frame.time_s - track.last_seen_s <= SEEN_WITHIN_S
        known = any(boxes.share_inside(track.box, box) > SAME_SHARE for box in people)
        if track.label is ObjectClass.PERSON and recent and not known:
            people.append(track.box)
    return people
