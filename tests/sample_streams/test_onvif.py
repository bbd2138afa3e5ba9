"""The sample camera's ONVIF services as onvif-zeep-async, the agent's library, sees them."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import onvif
import pytest
import zeep.exceptions

from sample_streams.camera import soap
from tests.support import cameras, footage, plain_http

pytestmark = pytest.mark.process

SMALL = footage.Footage(width_px=160, height_px=120)


@pytest.fixture(scope="module")
def camera() -> Iterator[cameras.SampleCamera]:
    files = {"gate": footage.make(), "yard": footage.make(SMALL)}
    with cameras.SampleCamera(files, subs={"gate": footage.make(SMALL)}, options=("--onvif-port", "0")) as running:
        yield running


def asked(
    camera: cameras.SampleCamera,
    name: str,
    question: Callable[[Any], Awaitable[Any]],
    *,
    password: str = cameras.PASSWORD,
    adjust_time: bool = False,
) -> Any:
    """Connect to a camera as an ONVIF client and return the answer to `question`."""

    async def ask() -> Any:
        where = urlsplit(camera.onvif(name))
        client = onvif.ONVIFCamera(where.hostname, where.port, cameras.USER, password, adjust_time=adjust_time)
        try:
            await client.update_xaddrs()
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(ask())


async def stream_address(client: Any, token: str) -> str:
    media = await client.create_media_service()
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    answer = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token})
    return str(answer.Uri)


def test_profiles_are_the_streams_with_their_sizes(camera: cameras.SampleCamera) -> None:
    async def profiles(client: Any) -> Any:
        return await (await client.create_media_service()).GetProfiles()

    found = asked(camera, "gate", profiles)
    sizes = {
        profile.token: (
            profile.VideoEncoderConfiguration.Resolution.Width,
            profile.VideoEncoderConfiguration.Resolution.Height,
            profile.VideoEncoderConfiguration.Encoding,
        )
        for profile in found
    }
    assert sizes == {"main": (320, 240, "H264"), "sub": (160, 120, "H264")}


@pytest.mark.parametrize("token", ["main", "sub"])
def test_the_stream_address_is_the_rtsp_one_without_credentials(camera: cameras.SampleCamera, token: str) -> None:
    address = asked(camera, "gate", lambda client: stream_address(client, token))
    assert address == camera.url("gate", token, credentials=False)


def test_every_camera_has_a_device_of_its_own(camera: cameras.SampleCamera) -> None:
    async def serial_number(client: Any) -> Any:
        return (await (await client.create_devicemgmt_service()).GetDeviceInformation()).SerialNumber

    assert [asked(camera, name, serial_number) for name in ("gate", "yard")] == ["gate", "yard"]


def test_capabilities_name_the_media_service(camera: cameras.SampleCamera) -> None:
    capabilities = asked(camera, "gate", lambda client: client.get_capabilities())
    assert capabilities["Media"]["XAddr"].startswith(camera.onvif("gate").removesuffix("device_service"))
    assert capabilities["Media"]["StreamingCapabilities"]["RTP_RTSP_TCP"] is True


def test_a_wrong_password_is_a_fault_that_says_so(camera: cameras.SampleCamera) -> None:
    with pytest.raises(zeep.exceptions.Fault) as caught:
        asked(camera, "gate", lambda client: client.get_capabilities(), password="guess")
    assert "NotAuthorized" in str([code.text for code in caught.value.subcodes])


def test_an_unknown_profile_is_a_fault(camera: cameras.SampleCamera) -> None:
    with pytest.raises(zeep.exceptions.Fault, match="no profile"):
        asked(camera, "gate", lambda client: stream_address(client, "third"))


def test_what_is_not_offered_is_a_fault(camera: cameras.SampleCamera) -> None:
    async def snapshot(client: Any) -> Any:
        return await (await client.create_media_service()).GetSnapshotUri({"ProfileToken": "main"})

    with pytest.raises(zeep.exceptions.Fault, match="not supported"):
        asked(camera, "gate", snapshot)


def test_a_camera_whose_clock_is_wrong_lets_in_only_who_asks_for_its_time(camera: cameras.SampleCamera) -> None:
    camera.fault("yard", clock_jump_s=3600)
    try:
        with pytest.raises(zeep.exceptions.Fault):
            asked(camera, "yard", lambda client: stream_address(client, "main"))
        address = asked(camera, "yard", lambda client: stream_address(client, "main"), adjust_time=True)
    finally:
        camera.heal("yard")
    assert address == camera.url("yard", credentials=False)


def test_http_digest_is_enough_and_basic_is_not(camera: cameras.SampleCamera) -> None:
    question = soap.envelope(soap.node("tds:GetDeviceInformation"))
    with plain_http.client(trust_env=False) as client:
        url, known = camera.onvif("gate"), (cameras.USER, cameras.PASSWORD)
        good = client.post(url, content=question, auth=httpx.DigestAuth(*known))
        basic = client.post(url, content=question, auth=httpx.BasicAuth(*known))
        wrong = client.post(url, content=question, auth=httpx.DigestAuth(cameras.USER, "guess"))
    assert (good.status_code, basic.status_code, wrong.status_code) == (200, 401, 401)
    assert "NotAuthorized" in basic.text


def test_the_time_is_told_to_anyone(camera: cameras.SampleCamera) -> None:
    question = soap.envelope(soap.node("tds:GetSystemDateAndTime"))
    with plain_http.client(trust_env=False) as client:
        answer = soap.parse(client.post(camera.onvif("gate"), content=question).content)
    year = answer.text("tds:SystemDateAndTime", "tt:UTCDateTime", "tt:Date", "tt:Year")
    assert int(year) in {datetime.datetime.now(datetime.UTC).year + off for off in (-1, 0, 1)}


@pytest.mark.parametrize(
    "body", [b"", b"<", b"<!DOCTYPE x><x/>", "<!DOCTYPE x><x/>".encode("utf-16"), b"<x/>", b"x" * 100_000]
)
def test_garbage_is_refused_and_does_no_harm(camera: cameras.SampleCamera, body: bytes) -> None:
    with plain_http.client(trust_env=False) as client:
        assert client.post(camera.onvif("gate"), content=body).status_code in (400, 413)
    assert asked(camera, "gate", lambda client: client.get_capabilities())
