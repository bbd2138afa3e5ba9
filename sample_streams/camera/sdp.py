"""The session description a DESCRIBE is answered with.

Source: RFC 4566, RFC 6184 (8.2.1) and RFC 7798 (7.2.1).
"""

from base64 import b64encode

from sample_streams.camera import nal, recording, rtp

CONTROL = "trackID=0"
_SOUND = ("m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=control:trackID=7")
_METADATA = ("m=application 0 RTP/AVP 107", "a=rtpmap:107 vnd.onvif.metadata/90000", "a=control:trackID=8")


def describe(content: recording.Recording, host: str, *, odd: bool = False) -> bytes:
    """Return the description of one video, parameter sets included.

    Args:
        odd: with a name that is no UTF-8, and with sound and metadata around the video, which nobody can set up here.
    """
    rate = rtp.TICKS_PER_S / content.picture_ticks()
    name = "H264" if content.codec is nal.Codec.H264 else "H265"
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=정문 카메라" if odd else "s=Jikimi sample camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        *(_SOUND if odd else ()),
        f"m=video 0 RTP/AVP {rtp.PAYLOAD_TYPE}",
        f"a=rtpmap:{rtp.PAYLOAD_TYPE} {name}/{rtp.TICKS_PER_S}",
        f"a=fmtp:{rtp.PAYLOAD_TYPE} {_format(content)}",
        f"a=framerate:{rate:.3f}",
        f"a=control:{CONTROL}",
        *(_METADATA if odd else ()),
    ]
    return "\r\n".join([*lines, ""]).encode("euc-kr")


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
