"""What a media file becomes in memory: access units in sending order on the 90 kHz clock.

Invariant: the first unit is a key frame, every key frame carries its parameter sets, and no unit is due before its
predecessor, nor a copy of the recording's start before its end, so that a loop's time only rises.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sample_streams.camera import nal


@dataclass(frozen=True, slots=True)
class Unit:
    """One access unit.

    Attributes:
        nals: its NAL units without start codes.
        decode_ticks: when it is decoded, 90 kHz, from the recording's start; may be negative before B-frames.
        show_ticks: when it is shown, 90 kHz, >= 0.
        is_key: decoding can begin here.
    """

    nals: tuple[bytes, ...]
    decode_ticks: int
    show_ticks: int
    is_key: bool


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A video to be looped.

    Attributes:
        codec: of every unit.
        units: in decoding order; never empty.
        period_ticks: from the first picture to the loop's next first picture, 90 kHz.
        parameter_sets: (VPS,) SPS, PPS of the first key frame.
        width_px, height_px: of the picture.
        delay_ticks: how long a unit waits after its decoding time so that none is sent before it is shown.
        label: what it was made from, for the state.
    """

    codec: nal.Codec
    units: tuple[Unit, ...]
    period_ticks: int
    parameter_sets: tuple[bytes, ...]
    width_px: int
    height_px: int
    delay_ticks: int
    label: str

    @property
    def bytes(self) -> int:
        """The NAL units' size together."""
        return sum(len(unit) for access_unit in self.units for unit in access_unit.nals)

    def key_at_or_before(self, index: int) -> int:
        """Return the index of the key frame that begins the group of pictures `index` is in."""
        return next(i for i in range(index, -1, -1) if self.units[i].is_key)

    def picture_ticks(self) -> int:
        """Return the mean time from picture to picture."""
        return self.period_ticks // len(self.units)


def assemble(codec: nal.Codec, units: list[Unit], size_px: tuple[int, int], label: str) -> Recording:
    """Make a recording of units whose times start anywhere.

    Args:
        codec: of every unit.
        units: in decoding order, the first a key frame; times on any 90 kHz clock.
        size_px: width and height.
        label: what it was made from.
    """
    first = min(unit.show_ticks for unit in units)
    shifted = tuple(Unit(u.nals, u.decode_ticks - first, u.show_ticks - first, u.is_key) for u in units)
    shown = sorted(unit.show_ticks for unit in shifted)
    step = round(shown[-1] / (len(shown) - 1)) if len(shown) > 1 else 6_000
    sets = tuple(unit for unit in shifted[0].nals if nal.is_parameter_set(codec, unit))
    delay = max(unit.show_ticks - unit.decode_ticks for unit in shifted)
    return Recording(codec, shifted, shown[-1] + step, sets, *size_px, delay, label)


def excerpt(whole: Recording, first: int, last: int) -> Recording:
    """Return the units `first` to `last` (both included) as a recording of its own; `first` must be a key frame."""
    label = f"{whole.label} units {first}-{last}"
    return assemble(whole.codec, list(whole.units[first : last + 1]), (whole.width_px, whole.height_px), label)


def join(parts: Sequence[Recording]) -> Recording:
    """Return recordings that play one after the other as one recording; each part begins with its own key frame and parameter sets.

    Raises:
        ValueError: they differ in what a camera does not change while it runs; the message says in what.
    """
    first = parts[0]
    for part in parts[1:]:
        if _form(part) != _form(first):
            raise ValueError(f"{part.label} is {_describe(part)}, {first.label} is {_describe(first)}")
    units: list[Unit] = []
    begins = 0
    for part in parts:
        units += (Unit(u.nals, u.decode_ticks + begins, u.show_ticks + begins, u.is_key) for u in part.units)
        begins += part.period_ticks
    label = ", ".join(part.label for part in parts)
    return dataclasses.replace(first, units=tuple(units), period_ticks=begins, label=label)


def _form(one: Recording) -> tuple[object, ...]:
    return one.codec, one.width_px, one.height_px, one.picture_ticks(), one.delay_ticks


def _describe(one: Recording) -> str:
    rate = 90_000 / one.picture_ticks()
    return f"{one.codec.value} {one.width_px}x{one.height_px} at {rate:g}/s, pictures up to {one.delay_ticks} ticks out of order"
