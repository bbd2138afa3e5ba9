"""Asks one ONVIF camera for its streams. Runs as a process of its own, so that a camera that lies or stalls costs that process only.

`python -m camera_agents.onvif_camera` reads a Question as JSON on stdin and writes an Answer as JSON on stdout, within bounded time, memory and CPU.
Requests go to the address that was asked and nowhere else, whatever addresses the camera names.
"""

import asyncio
import contextlib
import logging
import resource
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import pydantic
from pydantic import Field

TIMEOUT_S = 15.0
MAX_MEMORY_BYTES = 768 * 1024**2
MAX_CPU_S = 20
MAX_STREAMS = 16
Text = Annotated[str, Field(max_length=500)]


class Question(pydantic.BaseModel):
    """Which camera, and as whom."""

    url: Text
    user: Text = ""
    password: Text = Field("", repr=False)


class Stream(pydantic.BaseModel):
    """One media profile with its address, without credentials."""

    name: Text
    url: Text
    codec: Text = ""
    width_px: int = Field(0, ge=0, le=65535)
    height_px: int = Field(0, ge=0, le=65535)
    fps: float = Field(0.0, ge=0, le=1000)


class Answer(pydantic.BaseModel):
    """What the camera said, or why it said nothing."""

    maker: Text = ""
    model: Text = ""
    streams: Annotated[tuple[Stream, ...], Field(max_length=MAX_STREAMS)] = ()
    error: Text = ""


async def ask(question: Question) -> Answer:
    """Return the camera's streams; what goes wrong is in the answer."""
    import aiohttp
    import onvif
    import zeep.exceptions

    logging.getLogger().setLevel(logging.CRITICAL)
    try:
        async with asyncio.timeout(TIMEOUT_S), _opened(onvif, question) as camera:
            return await _read(camera)
    except TimeoutError:
        return Answer(error=f"no answer in {TIMEOUT_S:g} s")
    except zeep.exceptions.Fault as e:
        return Answer(error=f"refused: {plain(str(e.message))}"[:500])
    except (
        onvif.ONVIFError,
        zeep.exceptions.Error,
        aiohttp.ClientError,
        OSError,
        ValueError,
        TypeError,
        AttributeError,
    ) as e:
        return Answer(error=f"not understood: {type(e).__name__} {plain(str(e))}"[:500])


@contextlib.asynccontextmanager
async def _opened(onvif: Any, question: Question) -> AsyncIterator[Any]:
    parts = urlsplit(question.url)
    secure = parts.scheme == "https"
    host = f"https://{parts.hostname}" if secure else parts.hostname
    camera = onvif.ONVIFCamera(
        host,
        parts.port or (443 if secure else 80),
        question.user or None,
        question.password or None,
        no_cache=True,
        adjust_time=True,  # cameras with a wrong clock refuse tokens made by a right one
        nat_override=True,  # every request goes to the address that was asked
    )
    try:
        yield camera
    finally:
        await camera.close()


async def _read(camera: Any) -> Answer:
    await camera.get_capabilities()  # first: it learns the camera's clock and makes the device service anew
    device = await camera.create_devicemgmt_service()
    about = await device.GetDeviceInformation()
    media = await camera.create_media_service()
    streams = []
    for profile in (await media.GetProfiles())[:MAX_STREAMS]:
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        found = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profile.token})
        streams.append(_stream(profile, str(found.Uri)))
    return Answer(maker=plain(about.Manufacturer), model=plain(about.Model), streams=tuple(streams))


def _stream(profile: Any, url: str) -> Stream:
    encoder = getattr(profile, "VideoEncoderConfiguration", None)
    size = getattr(encoder, "Resolution", None)
    rate = getattr(encoder, "RateControl", None)
    return Stream(
        name=plain(profile.Name),
        url=without_credentials(plain(url)),
        codec=plain(getattr(encoder, "Encoding", "")).lower(),
        width_px=getattr(size, "Width", 0) or 0,
        height_px=getattr(size, "Height", 0) or 0,
        fps=getattr(rate, "FrameRateLimit", 0) or 0,
    )


def plain(text: object) -> str:
    """Return text that is safe to print: what a camera says of itself may hold control characters."""
    return "".join(c for c in str(text or "") if c.isprintable()).strip()[:400]


def without_credentials(url: str) -> str:
    """Return `url` without the user and password that some cameras put in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def main() -> None:
    """Answer the question on stdin."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    question = Question.model_validate_json(sys.stdin.buffer.read(10_000))
    sys.stdout.write(asyncio.run(ask(question)).model_dump_json())


if __name__ == "__main__":
    main()
