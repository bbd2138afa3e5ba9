"""The aiortc relay, watched by aiortc's own client over loopback: real ICE, DTLS, SRTP and H.264 decoding."""

import asyncio
import collections
import itertools
import random
import socket
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import aiortc
import aiortc.rtcrtpsender
import aiortc.sdp
import pytest

from sharing_hub import bus
from sharing_hub.live import feed, network, relay, track, whep
from sharing_hub.wire import v1
from tests.support import access_units, eventually

AGENT = UUID(int=1)
SESSION = UUID(int=2)
LOOPBACK = "127.0.0.1"
UNITS = access_units.read("gate", limit=90)


class ScriptedSource:
    """The channels, played by hand: keeps the sink of a started camera."""

    def __init__(self, playable: bool = True, reason: str = "") -> None:
        self.state = v1.LiveState(camera_id="gate", playable=playable, reason=reason)
        self.sink: relay.Sink | None = None
        self.starts = 0
        self.pushing = False

    async def start(self, agent_id: UUID, camera_id: str, sink: relay.Sink) -> v1.LiveState:
        self.starts += 1
        self.sink = sink
        self.pushing = True
        for unit in UNITS[:20]:
            sink.push(unit)
        return self.state

    def stop(self, agent_id: UUID, camera_id: str) -> None:
        self.pushing = False


class Watcher:
    """A WHEP client made of aiortc: it decodes what it gets."""

    def __init__(self) -> None:
        self.peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        transceiver = self.peer.addTransceiver("video", direction="recvonly")
        network.confine(transceiver.sender, network.Network(), LOOPBACK, random.Random(1))

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return self.peer.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self.peer.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))

    async def frames(self, count: int) -> list[Any]:
        track = self.peer.getTransceivers()[0].receiver.track
        return [await asyncio.wait_for(track.recv(), 10) for _ in range(count)]


def make_relay(source: relay.Source, settings: network.Network | None = None, max_viewers: int = 4) -> whep.AiortcRelay:
    return whep.AiortcRelay(source, bus.LocalBus(), settings or network.Network(), max_viewers, random.Random(1))


def request(offer: str) -> relay.Request:
    return relay.Request(AGENT, "gate", SESSION, offer, LOOPBACK)


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(scene(), 30))


async def watching(live: whep.AiortcRelay) -> tuple[Watcher, relay.Answer]:
    watcher = Watcher()
    answer = await live.open(request(await watcher.offer()))
    await watcher.accept(answer.sdp)
    return watcher, answer


def test_a_viewer_decodes_the_group_since_the_last_key_frame_and_what_follows() -> None:
    async def scene() -> None:
        source = ScriptedSource()
        live = make_relay(source)
        watcher, answer = await watching(live)
        first = await watcher.frames(1)
        assert (first[0].width, first[0].height) == (960, 720)
        assert source.sink is not None
        for unit in UNITS[20:60]:
            source.sink.push(unit)
        # Decoding takes the newest frames' time stamps: the distance between frames is the camera's.
        frames = await watcher.frames(30)
        steps = {later.pts - earlier.pts for earlier, later in itertools.pairwise(frames)}
        assert steps == {UNITS[1].pts - UNITS[0].pts}
        await live.close(answer.viewing.viewing_id, "done")
        await watcher.peer.close()
        await live.stop()

    play(scene)


def test_the_push_starts_with_the_first_viewer_and_stops_with_the_last() -> None:
    async def scene() -> None:
        source = ScriptedSource()
        live = make_relay(source)
        one, first = await watching(live)
        two, second = await watching(live)
        await asyncio.gather(one.frames(3), two.frames(3))
        assert (source.starts, live.viewers, live.cameras) == (1, 2, 1)
        await live.close(first.viewing.viewing_id, "left")
        assert source.sink is not None
        await live.close(second.viewing.viewing_id, "left")
        assert (live.viewers, live.cameras) == (0, 0)
        assert not source.pushing
        await asyncio.gather(one.peer.close(), two.peer.close())
        await live.stop()

    play(scene)


def test_a_viewer_that_leaves_without_a_word_is_noticed() -> None:
    async def scene() -> None:
        source = ScriptedSource()
        live = make_relay(source)
        watcher, _ = await watching(live)
        await watcher.frames(1)
        await watcher.peer.close()
        await eventually.until(lambda: live.viewers == 0)
        assert not source.pushing
        await live.stop()

    play(scene)


def test_the_end_of_a_login_ends_its_views_and_leaves_others() -> None:
    async def scene() -> None:
        live = make_relay(ScriptedSource())
        watcher, answer = await watching(live)
        await live.close_session(UUID(int=99), "logged out")
        assert live.session_ids() == {SESSION}
        await live.close_session(SESSION, "logged out")
        viewing = live.find(answer.viewing.viewing_id)
        assert viewing is not None
        assert viewing.ended == "logged out"
        assert live.viewers == 0
        await watcher.peer.close()
        await live.stop()

    play(scene)


def test_viewers_are_closed_with_the_reason_when_the_camera_goes_and_can_come_back() -> None:
    async def scene() -> None:
        source = ScriptedSource()
        live = make_relay(source)
        watcher, answer = await watching(live)
        await watcher.frames(1)
        assert source.sink is not None
        source.sink.gone("the agent's connection ended")
        await eventually.until(lambda: live.viewers == 0)
        ended = live.find(answer.viewing.viewing_id)
        assert ended is not None
        assert ended.ended == "the agent's connection ended"
        again, _ = await watching(live)
        await again.frames(1)
        assert source.starts == 2
        await asyncio.gather(watcher.peer.close(), again.peer.close())
        await live.stop()

    play(scene)


def test_a_camera_that_cannot_be_played_is_refused_in_the_agents_words() -> None:
    async def scene() -> None:
        source = ScriptedSource(playable=False, reason="H.265 cannot be played live yet")
        live = make_relay(source)
        watcher = Watcher()
        with pytest.raises(relay.NotPlayable, match=r"H\.265"):
            await live.open(request(await watcher.offer()))
        assert (live.viewers, live.cameras, source.pushing) == (0, 0, False)
        await watcher.peer.close()
        await live.stop()

    play(scene)


def test_an_offer_without_h264_is_refused() -> None:
    async def scene() -> None:
        live = make_relay(ScriptedSource())
        watcher = Watcher()
        codecs = aiortc.RTCRtpSender.getCapabilities("video").codecs
        vp8 = [codec for codec in codecs if codec.mimeType == "video/VP8"]
        watcher.peer.getTransceivers()[0].setCodecPreferences(vp8)
        with pytest.raises(relay.OfferRefused):
            await live.open(request(await watcher.offer()))
        assert live.viewers == 0
        await watcher.peer.close()
        await live.stop()

    play(scene)


class SlowSource(ScriptedSource):
    """An agent that takes its time and then does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = asyncio.Event()

    async def start(self, agent_id: UUID, camera_id: str, sink: relay.Sink) -> v1.LiveState:
        self.starts += 1
        await self.answered.wait()
        raise relay.AgentAway("no answer")


def test_two_who_ask_at_once_for_a_camera_that_does_not_begin_are_both_told() -> None:
    async def scene() -> None:
        source = SlowSource()
        live = make_relay(source)
        watchers = [Watcher(), Watcher()]
        asked = [asyncio.create_task(live.open(request(await one.offer()))) for one in watchers]
        await eventually.until(lambda: source.starts == 1 and live.viewers == 2)
        source.answered.set()
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(end) for end in ends] == [relay.AgentAway] * 2
        assert (source.starts, live.viewers, live.cameras) == (2, 0, 0)
        await asyncio.gather(*(one.peer.close() for one in watchers))
        await live.stop()

    play(scene)


def test_who_logs_out_while_waiting_for_a_camera_starts_no_push() -> None:
    async def scene() -> None:
        source = SlowSource()
        live = make_relay(source)
        watchers = [Watcher(), Watcher()]
        asked = [asyncio.create_task(live.open(request(await one.offer()))) for one in watchers]
        await eventually.until(lambda: source.starts == 1 and live.viewers == 2)
        await live.close_session(SESSION, "logged out")
        source.answered.set()
        await asyncio.gather(*asked, return_exceptions=True)
        assert (source.starts, live.viewers, live.cameras) == (1, 0, 0)
        await asyncio.gather(*(one.peer.close() for one in watchers))
        await live.stop()

    play(scene)


def test_a_viewer_that_offers_to_send_is_not_received() -> None:
    async def scene() -> None:
        live = make_relay(ScriptedSource())
        watcher = Watcher()
        watcher.peer.getTransceivers()[0].direction = "sendrecv"
        answer = await live.open(request(await watcher.offer()))
        assert aiortc.sdp.SessionDescription.parse(answer.sdp).media[0].direction == "sendonly"
        await watcher.peer.close()
        await live.stop()

    play(scene)


def test_one_viewer_more_than_the_settings_allow_is_refused() -> None:
    async def scene() -> None:
        live = make_relay(ScriptedSource(), max_viewers=1)
        one, _ = await watching(live)
        two = Watcher()
        with pytest.raises(relay.RelayFull):
            await live.open(request(await two.offer()))
        await asyncio.gather(one.peer.close(), two.peer.close())
        await live.stop()

    play(scene)


def test_a_viewer_that_cannot_reach_the_hub_is_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whep, "CONNECT_TIMEOUT_S", 0.05)

    async def scene() -> None:
        live = make_relay(ScriptedSource())
        watcher = Watcher()
        answer = await live.open(request(await watcher.offer()))
        await eventually.until(lambda: live.viewers == 0)
        ended = live.find(answer.viewing.viewing_id)
        assert ended is not None
        assert ended.ended == "the viewer could not reach the hub's UDP ports"
        await watcher.peer.close()
        await live.stop()

    play(scene)


def test_answers_name_the_address_and_a_port_of_the_settings() -> None:
    async def scene() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((LOOPBACK, 0))
            free = probe.getsockname()[1]
        live = make_relay(ScriptedSource(), network.Network(ports=(free, free)))
        one = Watcher()
        answer = await live.open(request(await one.offer()))
        candidates = aiortc.sdp.SessionDescription.parse(answer.sdp).media[0].ice_candidates
        assert [(each.ip, each.port) for each in candidates] == [(LOOPBACK, free)]
        two = Watcher()
        with pytest.raises(relay.RelayFull, match="UDP port"):
            await live.open(request(await two.offer()))
        await asyncio.gather(one.peer.close(), two.peer.close())
        await live.stop()

    play(scene)


def test_an_address_that_a_router_forwards_is_named_in_the_answer() -> None:
    async def scene() -> None:
        live = make_relay(ScriptedSource(), network.Network(address="203.0.113.7"))
        watcher = Watcher()
        answer = await live.open(request(await watcher.offer()))
        candidates = aiortc.sdp.SessionDescription.parse(answer.sdp).media[0].ice_candidates
        assert [each.ip for each in candidates] == ["203.0.113.7"]
        await watcher.peer.close()
        await live.stop()

    play(scene)


def test_lost_packets_of_a_whole_group_can_be_sent_again() -> None:
    make_relay(ScriptedSource())
    # The sender reads the module's name at each packet; a new aiortc that does not would make this fail.
    assert "RTP_HISTORY_SIZE" in aiortc.rtcrtpsender.RTCRtpSender._retransmit.__code__.co_names
    assert aiortc.rtcrtpsender.__dict__["RTP_HISTORY_SIZE"] == whep.HISTORY_PACKETS


def test_units_are_passed_through_byte_for_byte() -> None:
    async def scene() -> list[bytes]:
        source = feed.Feed(collections.Counter())
        for unit in UNITS[:5]:
            source.push(unit)
        camera = track.CameraTrack(source)
        packets = [bytes(await camera.recv()) for _ in range(5)]
        camera.stop()
        return packets

    assert asyncio.run(scene()) == [unit.data for unit in UNITS[:5]]
