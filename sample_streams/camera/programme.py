"""What a stream is playing since when: a recording looped for ever on a shared clock.

Pure: times come in as seconds of one monotonic clock and go out as due times and RTP ticks.
"""

import bisect
import math
from dataclasses import dataclass

from sample_streams.camera import recording, rtp


@dataclass(frozen=True, slots=True)
class Cue:
    """One sending of one access unit.

    Attributes:
        loop: how many times the recording has been played through before.
        index: of the unit in the recording.
    """

    loop: int
    index: int


@dataclass(frozen=True, slots=True)
class Programme:
    """A recording playing from `start_s` on.

    Attributes:
        content: what plays.
        start_s: when its first picture is shown, on the clock the stream runs by.
    """

    content: recording.Recording
    start_s: float

    def unit(self, cue: Cue) -> recording.Unit:
        """Return the access unit of a cue."""
        return self.content.units[cue.index]

    def due_s(self, cue: Cue) -> float:
        """Return when the unit is to be sent."""
        ticks = self.unit(cue).decode_ticks + self.content.delay_ticks + cue.loop * self.content.period_ticks
        return self.start_s + ticks / rtp.TICKS_PER_S

    def shown_s(self, cue: Cue) -> float:
        """Return when the unit's picture is shown, which is when a camera would have taken it."""
        ticks = self.unit(cue).show_ticks + cue.loop * self.content.period_ticks
        return self.start_s + ticks / rtp.TICKS_PER_S

    def next_after(self, cue: Cue) -> Cue:
        """Return the cue that follows."""
        if cue.index + 1 < len(self.content.units):
            return Cue(cue.loop, cue.index + 1)
        return Cue(cue.loop + 1, 0)

    def first_due(self, now_s: float) -> Cue:
        """Return the first cue due at or after `now_s`."""
        ticks = (now_s - self.start_s) * rtp.TICKS_PER_S
        period = self.content.period_ticks
        loop = max(0, math.floor((ticks - self._offset(0)) / period))
        offset = ticks - loop * period
        index = bisect.bisect_left(range(len(self.content.units)), offset, key=self._offset)
        return Cue(loop, index) if index < len(self.content.units) else Cue(loop + 1, 0)

    def position_s(self, now_s: float) -> float:
        """Return how far into the recording the picture shown at `now_s` is."""
        return (now_s - self.start_s) % (self.content.period_ticks / rtp.TICKS_PER_S)

    def _offset(self, index: int) -> int:
        return self.content.units[index].decode_ticks + self.content.delay_ticks


def begun(content: recording.Recording, now_s: float) -> Programme:
    """Return `content` as beginning now: its first unit is due at `now_s`."""
    return _from(content, 0, now_s)


def resumed(content: recording.Recording, start_s: float, now_s: float) -> Programme:
    """Return `content` as begun at `start_s`, but shifted by less than a group to go on with a key frame."""
    cue = Programme(content, start_s).first_due(now_s)
    return _from(content, content.key_at_or_before(cue.index), now_s)


def _from(content: recording.Recording, index: int, now_s: float) -> Programme:
    return Programme(content, now_s - (content.units[index].decode_ticks + content.delay_ticks) / rtp.TICKS_PER_S)
