"""Coded pictures made on the spot, small, for tests of what is done with packets."""

import itertools
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from camera_agents.streams import annexb, packets

FPS = 15
START_US = 1_800_000_000_000_000
_ENCODERS = {"h264": "libx264", "hevc": "libx265"}


def coded(
    seconds: float,
    *,
    codec: str = "h264",
    width: int = 96,
    height: int = 64,
    gop: int = FPS,
    b_frames: int = 0,
    fps: int = FPS,
    still_s: float = 0.0,
) -> list[tuple[int, bool, bytes]]:
    """Return (pts in 1/90000 s, is key, Annex B) in the order they are sent: from `still_s` on a bright square that walks over grey."""
    encoder = av.CodecContext.create(_ENCODERS[codec], "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
    encoder.thread_count = 1
    if codec == "h264":
        encoder.options = {"preset": "ultrafast", "bf": str(b_frames), "g": str(gop), "sc_threshold": "0"}
    else:
        encoder.options = {
            "preset": "ultrafast",
            "x265-params": f"log-level=none:keyint={gop}:bframes={b_frames}:pools=none",
        }
    sent = []
    for i, frame in enumerate(_walk(round(seconds * fps), width, height, round(still_s * fps))):
        frame.pts = i
        sent += encoder.encode(frame)
    sent += encoder.encode(None)
    return [((p.pts or 0) * packets.TICKS_PER_S // fps, p.is_keyframe, bytes(p)) for p in sent]


def recorded(
    seconds: float,
    *,
    start_us: int = START_US,
    codec: str = "h264",
    width: int = 96,
    height: int = 64,
    gop: int = FPS,
    b_frames: int = 0,
    still_s: float = 0.0,
) -> list[packets.VideoPacket]:
    """Return packets as capture gives them, the first one shown at `start_us`."""
    units = coded(seconds, codec=codec, width=width, height=height, gop=gop, b_frames=b_frames, still_s=still_s)
    form = packets.StreamFormat(codec, annexb.parameter_sets(codec, units[0][2]), width, height)
    return [
        packets.VideoPacket(form, pts, start_us + pts * 1_000_000 // packets.TICKS_PER_S, key, data)
        for pts, key, data in units
    ]


def signed(sent: list[packets.VideoPacket]) -> list[packets.VideoPacket]:
    """Return the packets with a message of ONVIF Media Signing before the first slice of every picture after a key frame, as a camera sends it."""
    made = []
    for before, packet in itertools.pairwise([sent[0], *sent]):
        data = signature(packet.format.codec) + packet.data if before.is_key and not packet.is_key else packet.data
        made.append(packets.VideoPacket(packet.format, packet.pts, packet.captured_us, packet.is_key, data))
    return made


def signature(codec: str, uuid: str = "005bc93f2d715e95ada4796f90877a6f", size: int = 600) -> bytes:
    """Return an SEI unit, user data unregistered, of that UUID, behind another message; what follows the UUID is made up."""
    head = b"\x06" if codec == "h264" else b"\x4e\x01"
    content = bytes.fromhex(uuid) + b"\x5a" * size
    other = b"\x01\x02\x11\x11"
    return (
        b"\x00\x00\x00\x01"
        + head
        + other
        + b"\x05"
        + b"\xff" * (len(content) // 255)
        + bytes([len(content) % 255])
        + content
        + b"\x80"
    )


def _walk(frames: int, width: int, height: int, still: int) -> Iterator[av.VideoFrame]:
    side = height // 4
    for i in range(frames):
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        x = 2 * max(0, i - still) % (width - side)
        if i >= still:
            picture[side : 2 * side, x : x + side] = 220
        yield av.VideoFrame.from_ndarray(picture, format="yuv420p")
