"""Revocation: from asking that a grant be revoked until nothing of what it allowed arrives any more, at an agency's system with a real hub process.

A live view by WebRTC, whose last picture is taken for its end; a long clip read at 10 MB/s, until it breaks off; and the next range of a clip,
until it is refused.
"""

import asyncio
import random
import threading
import time
from typing import Any

import aiortc
import httpx

from sharing_hub.live import network
from tests.benchmarks import figures, sharing

GOAL = "<= 2"
CLIP_BYTES = 64 << 20
BYTES_PER_S = 10e6
WATCHED_S = 3.0
"""So long a view is watched on after the revocation, to see that nothing comes."""


def run(quick: bool) -> list[figures.Figure]:
    """Give, use and revoke grants, each at a camera of its own."""
    rounds = 3 if quick else 10
    chance, found = random.Random(9), dict[str, list[float]](live=[], file=[], range=[])
    with sharing.running(rounds) as district, district.agent() as _:
        incidents = district.burn(range(rounds))
        for number, incident_id in enumerate(incidents):
            district.beat()
            district.confirm(incident_id)
            for name, waited_s in _round(district, number, incident_id, chance).items():
                found[name].append(waited_s)
    words = {
        "live": "live view's last picture",
        "file": "clip that is being sent breaking off",
        "range": "next range refused",
    }
    return [
        figures.Figure(f"revoked to {words[name]}, slowest", max(waits), "s", GOAL, _note(waits))
        for name, waits in found.items()
    ]


def _note(waits: list[float]) -> str:
    return f"{len(waits)} grants; median {sorted(waits)[len(waits) // 2]:.2f} s"


def _round(district: sharing.District, number: int, incident_id: str, chance: random.Random) -> dict[str, float]:
    clip = chance.randbytes(CLIP_BYTES)
    media_id = district.store_clip(incident_id, number, clip)
    with district.asking() as asking:
        path = f"/v1/agency/media/{media_id}?why=bench"
        broke_off, refused = _Timed(lambda: _read_on(asking, path, CLIP_BYTES)), _Timed(lambda: _ask_on(asking, path))
        broke_off.start()
        refused.start()
        last_s, revoked_s = asyncio.run(_watch(district, asking, number, incident_id, chance.uniform(1.0, 2.0)))
        for one in (broke_off, refused):
            one.join()
    return {
        "live": max(0.0, last_s - revoked_s),
        "file": broke_off.ended_s - revoked_s,
        "range": refused.ended_s - revoked_s,
    }


async def _watch(
    district: sharing.District, asking: httpx.Client, number: int, incident_id: str, for_s: float
) -> tuple[float, float]:
    """Watch live, have it revoked meanwhile; return when the last picture came and when the revocation was asked for."""
    peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver("video", direction="recvonly")
    network.confine(transceiver.sender, network.Network(), "127.0.0.1", random.Random(number))
    try:
        await peer.setLocalDescription(await peer.createOffer())
        answer = await asyncio.to_thread(
            asking.post, f"/v1/agency/live/{sharing.camera_id(number)}", params={"why": "bench", "incident_id": incident_id},
            content=peer.localDescription.sdp, headers={"Content-Type": "application/sdp"},
        )  # fmt: skip
        if answer.status_code != 201:
            raise RuntimeError(f"the hub answered {answer.status_code}: {answer.text[:500]}")
        await peer.setRemoteDescription(aiortc.RTCSessionDescription(answer.text, "answer"))
        track, until_s = transceiver.receiver.track, time.perf_counter() + for_s
        last_s = await _pictures(track, until_s)
        revoking = asyncio.create_task(asyncio.to_thread(district.revoke, incident_id))
        last_s = max(last_s, await _pictures(track, time.perf_counter() + WATCHED_S))
        return last_s, await revoking
    finally:
        await peer.close()


async def _pictures(track: Any, until_s: float) -> float:
    """Take pictures until a time; return when the last one came."""
    last_s = time.perf_counter()
    while (left_s := until_s - time.perf_counter()) > 0:
        try:
            await asyncio.wait_for(track.recv(), left_s)
        except (TimeoutError, aiortc.mediastreams.MediaStreamError):
            break
        last_s = time.perf_counter()
    return last_s


class _Timed(threading.Thread):
    """Does something to its end.

    Attributes:
        ended_s: when that was, in seconds of `time.perf_counter`.
    """

    def __init__(self, work: Any) -> None:
        super().__init__()
        self._work, self.ended_s = work, 0.0

    def run(self) -> None:
        """Do it."""
        self._work()
        self.ended_s = time.perf_counter()


def _read_on(asking: httpx.Client, path: str, length_bytes: int) -> None:
    """Read a file slowly until it breaks off."""
    read_bytes, began_s = 0, time.perf_counter()
    try:
        with asking.stream("GET", path) as answer:
            for piece in answer.iter_raw(64 << 10):
                read_bytes += len(piece)
                time.sleep(max(0.0, began_s + read_bytes / BYTES_PER_S - time.perf_counter()))
    except httpx.HTTPError:
        return
    if read_bytes == length_bytes:
        raise RuntimeError("the whole file came though its grant was revoked")


def _ask_on(asking: httpx.Client, path: str) -> None:
    """Ask for ranges until one is refused."""
    while asking.get(path, headers={"Range": "bytes=0-999"}).status_code == 206:
        time.sleep(0.02)
