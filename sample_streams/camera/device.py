"""One camera: its streams, its faults, and who is connected to it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from sample_streams.camera import faults, library, media, programme, recording, rtp, stream


class Device:
    """A camera with a main and perhaps a sub stream."""

    def __init__(
        self, name: str, streams: dict[str, stream.Stream], paths: Mapping[str, Sequence[Path]], clock: stream.Clock
    ) -> None:
        self.name = name
        self.streams = streams
        self.faults = faults.Faults()
        self.counts: Counter[str] = Counter()
        self.hang_ups: set[Callable[[], None]] = set()
        self._paths = paths
        self._clock = clock
        self._refuses_until_s = 0.0
        self._turn = asyncio.Lock()

    @property
    def refuses(self) -> bool:
        """Say whether new connections are refused."""
        return self._clock.now_s() < self._refuses_until_s

    def unix_s(self) -> float:
        """Return the camera's own idea of the time."""
        return self._clock.unix_s() + self.faults.clock_jump_s

    async def apply(self, changes: Mapping[str, object], recordings: library.Library) -> None:
        """Change faults; they are in force when this returns.

        Raises:
            KnobError: nothing was changed.
            MediaError: the file asked for cannot be played; nothing was changed.
        """
        async with self._turn:
            wanted = faults.changed(self.faults, changes)
            begins = {name: await self._programme(name, wanted, recordings) for name in self.streams}
            jumped = wanted.clock_jump_s != self.faults.clock_jump_s
            self.faults = wanted
            for name, playing in self.streams.items():
                playing.faults = wanted
                begin = begins[name]
                if begin is not None:
                    playing.switch(begin)
                if jumped:
                    playing.report_at_once()
            if "drop_s" in changes:
                self._drop(wanted.drop_s)

    def restart(self) -> None:
        """Play all streams from their beginning."""
        for playing in self.streams.values():
            playing.begun_s = self._clock.now_s()
            playing.switch(partial(programme.begun, playing.playing.content))

    def _drop(self, refuse_s: float | None) -> None:
        if refuse_s is None:
            self._refuses_until_s = self._clock.now_s()
            return
        self._refuses_until_s = self._clock.now_s() + refuse_s
        for hang_up in list(self.hang_ups):
            self.counts["connections dropped"] += 1
            hang_up()

    async def _programme(
        self, name: str, wanted: faults.Faults, recordings: library.Library
    ) -> Callable[[float], programme.Programme] | None:
        """Return what begins the programme `wanted` asks for, or None where it asks for what is playing."""
        if _choice(name, wanted) == _choice(name, self.faults):
            return None
        playing = self.streams[name].playing
        if wanted.frozen:
            index = playing.first_due(self._clock.now_s()).index
            return partial(programme.begun, await asyncio.to_thread(media.still, playing.content, index))
        if wanted.replay_s:
            return partial(programme.begun, _last_seconds(playing, self._clock.now_s(), wanted.replay_s))
        begun_s = self.streams[name].begun_s
        if wanted.stream != name or (wanted.file is None and not wanted.encodes):
            return partial(programme.resumed, self.streams[name].own, begun_s)
        if wanted.file:
            return partial(programme.begun, await recordings.load(Path(wanted.file), _encoding(wanted)))
        return partial(programme.resumed, await recordings.load_list(self._paths[name], _encoding(wanted)), begun_s)


def _encoding(wanted: faults.Faults) -> media.Encoding | None:
    if not wanted.encodes:
        return None
    return media.Encoding(wanted.video_codec, wanted.gop_frames or 15, wanted.bframes or 0, wanted.height_px)


def _choice(name: str, wanted: faults.Faults) -> tuple[object, ...]:
    chosen: tuple[object, ...] = (wanted.frozen, wanted.replay_s)
    if wanted.stream == name:
        chosen += (wanted.file, wanted.codec, wanted.gop_frames, wanted.bframes, wanted.height_px)
    else:
        chosen += (None, None, None, None, None)
    return chosen


def _last_seconds(playing: programme.Programme, now_s: float, seconds: float) -> recording.Recording:
    """Return the last `seconds` played, from a key frame on; the first ones where fewer have been played."""
    units = playing.content.units
    shown = units[max(0, playing.first_due(now_s).index - 1)].show_ticks
    until = max(shown, round(seconds * rtp.TICKS_PER_S))
    since = until - round(seconds * rtp.TICKS_PER_S)
    chosen = [index for index, unit in enumerate(units) if since <= unit.show_ticks <= until]
    return recording.excerpt(playing.content, playing.content.key_at_or_before(chosen[0]), chosen[-1])
