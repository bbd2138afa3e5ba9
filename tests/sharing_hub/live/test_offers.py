"""Viewers' offers: hostile text is refused in words, and no address in an offer is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.live import offers, relay

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 102",
        "c=IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2113937151 10.1.2.3 50000 typ host",
        "a=end-of-candidates",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtpmap:102 H264/90000",
        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "",
    ]
)


def test_addresses_in_an_offer_are_left_out() -> None:
    text = offers.read(OFFER).sdp
    assert "10.1.2.3" not in text
    assert "end-of-candidates" not in text
    assert "a=ice-ufrag:abcd" in text


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        "x" * (offers.MAX_OFFER_CHARS + 1),
        OFFER.replace("a=recvonly", "a=sendonly"),
        OFFER.replace("m=video", "m=audio"),
        OFFER + OFFER[OFFER.index("m=video") :],
        OFFER.replace("a=ice-ufrag:abcd\r\n", ""),
        OFFER[: OFFER.index("a=fingerprint")] + OFFER[OFFER.index("a=setup") :],
        OFFER.replace("m=video 9 UDP/TLS/RTP/SAVPF 102", "m=video 9 UDP/TLS/RTP/SAVPF 999"),
        OFFER.replace("a=fmtp:102", "a=fmtp:103"),
    ],
)
def test_what_is_not_an_offer_to_receive_one_video_is_refused(offer: str) -> None:
    with pytest.raises(relay.OfferRefused):
        offers.read(offer)


@given(st.integers(0, len(OFFER)), st.text(max_size=20))
def test_damaged_offers_are_refused_or_read_and_nothing_else(place: int, junk: str) -> None:
    try:
        offers.read(OFFER[:place] + junk + OFFER[place + 1 :])
    except relay.OfferRefused as refusal:
        assert refusal.detail
