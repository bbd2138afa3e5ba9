"""Detections joined over time into tracks, in the manner of ByteTrack.

Certain detections are matched first; uncertain ones may keep a track alive but never begin one. Patience is counted in
seconds in which a track was looked for and not seen: what no region covered, or what was shed, is not held against it.
Ids belong to the instance. The same input gives the same tracks.

Sources: Zhang et al., "ByteTrack", ECCV 2022 (two rounds); Yang et al., "Hard to Track Objects with Irregular Motions and
Similar Appearances?", WACV 2023 (boxes buffered before overlap is measured, so that small and rarely seen objects match).
"""

from collections.abc import Sequence

import numpy as np
from scipy import optimize

from detection import boxes, following, settings, types

GROUPS = np.array([following.GROUP_OF[label] for label in types.ObjectClass], np.int64)
"""Per ObjectClass: a track takes detections of its group only. People; two wheels; car, bus and truck."""
FIRST_BUFFER, SECOND_BUFFER = 0.15, 0.5
"""Boxes are grown by this share of their size on each side in the two rounds of certain detections."""
LEAST_OVERLAP = 0.1
LEAST_OVERLAP_UNCERTAIN = 0.3
LONGEST_UNCERTAIN = 3.0
"""A track kept only by uncertain detections is given up after this many times its patience."""
LONGEST_UNSEEN = 10.0
"""A track is given up after this many times its patience, looked for or not."""


class Tracker:
    """The tracks of one camera."""

    def __init__(self, wanted: settings.TrackerSettings) -> None:
        self._wanted = wanted
        self._followed: list[following.Followed] = []
        self._next_id = 1
        self._time_s = float("nan")

    def predict(self, time_s: float) -> tuple[following.Expected, ...]:
        """Return where objects are expected at `time_s` and when each was last looked for. Changes nothing."""
        return tuple(one.expect(time_s) for one in self._followed)

    @property
    def tracks(self) -> tuple[types.Track, ...]:
        """The tracks that are believed, as they stand."""
        return tuple(one.track() for one in self._followed if one.believed)

    def update(
        self,
        found: types.Detections | None,
        looked: Sequence[types.Box],
        time_s: float,
        size_px: tuple[int, int],
    ) -> tuple[types.Track, ...]:
        """Take what one look found and return the tracks that are believed.

        Args:
            found: None when the look was shed: time passes, nothing is missed.
            looked: the regions in which `found` was looked for.
            size_px: width and height of the picture.
        """
        self._pass_time(time_s)
        if found is not None:
            left = self._match(found, time_s, size_px)
            for one in self._followed:
                one.note_look(looked, time_s)
            self._begin(found, left, time_s, size_px)
        self._followed = [one for one in self._followed if self._is_worth_following(one, time_s, size_px)]
        return self.tracks

    def forget(self) -> None:
        """Give every track up, because what comes next has nothing to do with what was; ids go on."""
        self._followed = []

    def _pass_time(self, time_s: float) -> None:
        """Move every track on; a clock that jumped ends them all, because nothing can be matched across it."""
        step_s = time_s - self._time_s
        if abs(step_s) > LONGEST_UNSEEN * self._wanted.patience_s:
            self.forget()
        for one in self._followed:
            one.advance(step_s)
        self._time_s = time_s

    def _match(self, found: types.Detections, time_s: float, size_px: tuple[int, int]) -> list[int]:
        """Give detections to tracks; return the certain detections that nobody took."""
        high = [int(i) for i in np.flatnonzero(found.score >= self._wanted.high_score)]
        low = [int(i) for i in np.flatnonzero(found.score < self._wanted.high_score)]
        waiting = list(self._followed)
        for rows, buffer, least in (
            (high, FIRST_BUFFER, LEAST_OVERLAP),
            (high, SECOND_BUFFER, LEAST_OVERLAP),
            (low, FIRST_BUFFER, LEAST_OVERLAP_UNCERTAIN),
        ):
            pairs = _assign(waiting, found, rows, buffer, least)
            for one, row in pairs:
                seen = following.Seen(
                    boxes.as_box(found.xyxy[row]), float(found.score[row]), types.ObjectClass(int(found.label[row]))
                )
                one.take(seen, time_s, size_px)
            taken = {row for _, row in pairs}
            rows[:] = [row for row in rows if row not in taken]
            matched = {id(one) for one, _ in pairs}
            waiting = [one for one in waiting if id(one) not in matched]
        return high

    def _begin(self, found: types.Detections, rows: Sequence[int], time_s: float, size_px: tuple[int, int]) -> None:
        for row in rows:
            seen = following.Seen(
                boxes.as_box(found.xyxy[row]), float(found.score[row]), types.ObjectClass(int(found.label[row]))
            )
            self._followed.append(following.Followed(self._next_id, seen, time_s, size_px, self._wanted))
            self._next_id += 1

    def _is_worth_following(self, one: following.Followed, time_s: float, size_px: tuple[int, int]) -> bool:
        x1, y1, x2, y2 = one.box
        inside = 0 <= (x1 + x2) / 2 <= size_px[0] and 0 <= (y1 + y2) / 2 <= size_px[1]
        patience_s = self._wanted.patience_s if one.believed else 0.3 * self._wanted.patience_s
        unseen_s, uncertain_s = time_s - one.last_seen_s, time_s - one.certain_s
        kept = one.missed_s <= patience_s and unseen_s <= LONGEST_UNSEEN * patience_s
        return inside and kept and (uncertain_s <= LONGEST_UNCERTAIN * patience_s or unseen_s == uncertain_s)


def _assign(
    waiting: Sequence[following.Followed],
    found: types.Detections,
    rows: Sequence[int],
    buffer: float,
    least: float,
) -> list[tuple[following.Followed, int]]:
    """Return the pairs (track, row of `found`) with the greatest overlap in all, none below `least`."""
    if not waiting or not rows:
        return []
    ours = _buffered(boxes.as_array([one.box for one in waiting]), buffer)
    theirs = _buffered(found.xyxy[list(rows)], buffer)
    overlap = boxes.iou(ours, theirs)
    same = np.array([one.group for one in waiting])[:, None] == GROUPS[found.label[list(rows)]]
    overlap = np.where(same, overlap, 0)
    # Below `least` a pair is worth nothing, so that it does not push a good pair aside.
    worth = np.where(overlap >= least, overlap, 0)
    ours_chosen, theirs_chosen = optimize.linear_sum_assignment(-worth)
    chosen = zip(ours_chosen.tolist(), theirs_chosen.tolist(), strict=True)
    return [(waiting[i], rows[j]) for i, j in chosen if worth[i, j] > 0]


def _buffered(xyxy: types.Float, share: float) -> types.Float:
    by = (xyxy[:, 2:] - xyxy[:, :2]) * np.float32(share)
    return np.concatenate([xyxy[:, :2] - by, xyxy[:, 2:] + by], axis=1)
