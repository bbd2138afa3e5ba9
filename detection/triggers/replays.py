"""Tells a feed that is played again from a live one: key frames equal earlier ones down to the camera's noise, at one constant lag.

A still scene, or one that repeats itself as a traffic light does, differs from its own past by sensor noise at every lag; a replay does not at
one. So a pair counts only where the picture equals an earlier one far better than that one's neighbours in time. What runs on over a replayed
picture, such as a drawn clock, covers few of the samples and does not hide it. Only key frames are compared: between them encoders skip noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detection import types

_STEP_PX = 10
"""Every tenth pixel of every tenth row is kept: 576 of a thumb, which is 170 kB a camera."""
_MOST_PICTURES = 300
_MOST_RUNS = 8
_LAG_SLACK_S = 0.5
"""Capture times follow arrivals; a lag is the same within this."""
_MISSES = 1
"""A single key frame that does not match, at the seam of the loop or by an encoder's doing, breaks no run."""
LEAST_CHANGE = 0.25
"""Share of samples in which neighbouring key frames must differ: below, the camera is as good as noiseless and nothing can be said."""


@dataclass(frozen=True, slots=True)
class Match:
    """A picture that equals an earlier one.

    Attributes:
        lag_s: how much earlier.
        changed: share of the samples that differ from it.
        usual: share that differs from its neighbours in time, the lesser of the two.
    """

    lag_s: float
    changed: float
    usual: float


@dataclass(slots=True)
class Run:
    """Pictures one after the other that each equal the one of `lag_s` before.

    Attributes:
        since_s, newest_s: times of the first and the newest of them.
        pairs: how many.
        changed, usual: means of the matches' shares.
        misses: key frames since the newest.
    """

    lag_s: float
    since_s: float
    newest_s: float
    pairs: int
    changed: float
    usual: float
    misses: int = 0

    def take(self, time_s: float, match: Match) -> None:
        """Go on with one more match."""
        self.newest_s, self.misses = time_s, 0
        self.pairs += 1
        self.lag_s += (match.lag_s - self.lag_s) / self.pairs
        self.changed += (match.changed - self.changed) / self.pairs
        self.usual += (match.usual - self.usual) / self.pairs


class Replays:
    """Remembers key frames of the last minutes and follows the runs in which they come again."""

    def __init__(self, shortest_s: float, longest_s: float, noise_kept: float) -> None:
        """Begin with nothing seen.

        Args:
            shortest_s, longest_s: lags that count.
            noise_kept: share of the usual change up to which two pictures are the same one.
        """
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._noise_kept = noise_kept
        self._samples = np.zeros((0, 0), np.uint8)  # one row a picture
        self._times_s = np.zeros(0)
        self._runs: list[Run] = []

    def add(self, luma: types.Pixels, now_s: float) -> tuple[Run, ...]:
        """Take in the next key frame's thumb and return the runs that go on, the longest first. Times never fall."""
        sample = luma[_STEP_PX // 2 :: _STEP_PX, _STEP_PX // 2 :: _STEP_PX].reshape(1, -1)
        if self._samples.shape[1] != sample.shape[1]:
            self._samples = np.zeros((0, sample.shape[1]), np.uint8)
        self._forget(now_s)
        matches = list(self._matches(now_s, sample))
        self._samples = np.concatenate((self._samples, sample))
        self._times_s = np.append(self._times_s, now_s)
        self._follow(now_s, matches)
        return tuple(sorted(self._runs, key=lambda run: (run.since_s, run.lag_s)))

    def _matches(self, now_s: float, sample: types.Pixels) -> Iterator[Match]:
        """Yield the earlier pictures that this one equals, the most alike first."""
        if len(self._times_s) < 3:
            return
        changed = np.count_nonzero(self._samples != sample, axis=1) / sample.shape[1]
        usual = np.minimum(changed[:-2], changed[2:])  # of the neighbours of pictures 1 .. n - 2
        lag_s = now_s - self._times_s[1:-1]
        same = (changed[1:-1] <= self._noise_kept * usual) & (usual >= LEAST_CHANGE) & (lag_s >= self._shortest_s)
        places = np.flatnonzero(same)
        for i in places[np.argsort(changed[1:-1][places], kind="stable")][:_MOST_RUNS]:
            yield Match(float(lag_s[i]), float(changed[1 + i]), float(usual[i]))

    def _follow(self, now_s: float, matches: list[Match]) -> None:
        for run in self._runs:
            found = next((match for match in matches if abs(match.lag_s - run.lag_s) <= _LAG_SLACK_S), None)
            if found is None:
                run.misses += 1
            else:
                matches.remove(found)
                run.take(now_s, found)
        self._runs = [run for run in self._runs if run.misses <= _MISSES]
        for match in matches[: _MOST_RUNS - len(self._runs)]:
            self._runs.append(Run(match.lag_s, now_s, now_s, 1, match.changed, match.usual))

    def _forget(self, now_s: float) -> None:
        old = int(np.searchsorted(self._times_s, now_s - self._longest_s))
        old = max(old, len(self._times_s) - _MOST_PICTURES + 1)
        if old > 0:
            self._samples, self._times_s = self._samples[old:], self._times_s[old:]
