"""Viewers' SDP offers: what is read of them, and that the answer is H.264.

The candidates in an offer are left out: viewers reach the hub, never the other way round, so the hub sends no packet to an address that
an offer names.
"""

import aiortc
import aiortc.sdp

from sharing_hub.live import relay

MAX_OFFER_CHARS = 64_000
_LEFT_OUT = ("a=candidate:", "a=end-of-candidates", "a=remote-candidates")
# What aiortc's SDP parser raises on text that is not what it expects: it has no error of its own.
_PARSER_ERRORS = (ValueError, LookupError, AssertionError, TypeError, AttributeError, StopIteration)


def read(offer: str) -> aiortc.RTCSessionDescription:
    """Check an offer and leave its candidates out.

    Raises:
        OfferRefused: it is not an offer to receive one video.
    """
    if len(offer) > MAX_OFFER_CHARS:
        raise relay.OfferRefused(f"an offer is at most {MAX_OFFER_CHARS} characters")
    kept = [line for line in offer.splitlines() if not line.startswith(_LEFT_OUT)]
    text = "\r\n".join(kept) + "\r\n"
    try:
        media = aiortc.sdp.SessionDescription.parse(text).media
    except _PARSER_ERRORS as e:
        raise relay.OfferRefused("the body is not an SDP offer") from e
    if [part.kind for part in media] != ["video"] or media[0].direction not in ("recvonly", "sendrecv"):
        raise relay.OfferRefused("the offer must ask to receive exactly one video")
    if (
        media[0].ice is None
        or media[0].ice.usernameFragment is None
        or media[0].dtls is None
        or not media[0].dtls.fingerprints
    ):
        raise relay.OfferRefused("the offer lacks its ICE name or its fingerprint")
    return aiortc.RTCSessionDescription(sdp=text, type="offer")


def h264_codecs() -> list[aiortc.RTCRtpCodecCapability]:
    """Return what may be negotiated: H.264 and its retransmission."""
    codecs = aiortc.RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in codecs if codec.mimeType in ("video/H264", "video/rtx")]


def is_h264(sdp: str) -> bool:
    """Say whether an answer chose H.264."""
    codecs = aiortc.sdp.SessionDescription.parse(sdp).media[0].rtp.codecs
    return bool(codecs) and codecs[0].mimeType == "video/H264"
