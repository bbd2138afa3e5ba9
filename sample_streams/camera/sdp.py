"""The session description a DESCRIBE is answered with.

Source: RFC 4566, RFC 6184 (8.2.1) and RFC 7798 (7.2.1).
"""

from base64 import b64encode

from sample_streams.camera import nal, recording, rtp

CONTROL = "trackID=0"


def describe(content: recording.Recording, host: str) -> bytes:
    """Return the description of one video, parameter sets included."""
    rate = rtp.TICKS_PER_S / content.picture_ticks()
    name = "H264" if content.codec is nal.Codec.H264 else "H265"
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=Jikimi sample camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {rtp.PAYLOAD_TYPE}",
        f"a=rtpmap:{rtp.PAYLOAD_TYPE} {name}/{rtp.TICKS_PER_S}",
        f"a=fmtp:{rtp.PAYLOAD_TYPE} {_format(content)}",
        f"a=framerate:{rate:.3f}",
        f"a=control:{CONTROL}",
    ]
    return "\r\n".join([*lines, ""]).encode()


def _format(content: recording.Recording) -> str:
    sets = content.parameter_sets
    if content.codec is nal.Codec.H264:
        level = next(unit[1:4].hex() for unit in sets if nal.kind(content.codec, unit) == 7)
        sprop = ",".join(b64encode(unit).decode() for unit in sets)
        return f"packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sprop}"
    names = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
    grouped: dict[str, list[str]] = {}
    for unit in sets:
        grouped.setdefault(names[nal.kind(content.codec, unit)], []).append(b64encode(unit).decode())
    return ";".join(f"{name}={','.join(values)}" for name, values in grouped.items())
