"""Damaging NAL units the way a broken encoder or a bad link does. Pure; chance comes in."""

from random import Random

from sample_streams.camera import nal

_STRIDE_BYTES = 16


def corrupt(codec: nal.Codec, units: tuple[bytes, ...], chance: Random) -> tuple[bytes, ...]:
    """Overwrite picture data with noise, NAL headers and parameter sets kept, so that receivers try to decode it."""
    return tuple(_noisy(unit, chance) if nal.is_picture(codec, unit) else unit for unit in units)


def _noisy(unit: bytes, chance: Random) -> bytes:
    noisy = bytearray(unit)
    for at in range(3, len(noisy), _STRIDE_BYTES):
        noisy[at] = chance.randrange(1, 256)
    return bytes(noisy)
