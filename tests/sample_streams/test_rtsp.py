"""RTSP requests, passwords and command lines: what is read, and what is refused."""

from pathlib import Path

import pytest

from sample_streams.camera import digest, errors, faults, options, rtsp

KNOWN = digest.Credentials("operator", "secret")


def test_a_request_is_read() -> None:
    request = rtsp.parse(b"SETUP rtsp://h:1/a%20b/main/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nSession: x;timeout=60")
    assert (request.method, request.path, request.header("cseq")) == ("SETUP", ("a b", "main", "trackID=0"), "3")


@pytest.mark.parametrize(
    ("head", "status"), [(b"", 400), (b"GET /", 400), (b"GET / HTTP/1.1", 400), (b"PLAY rtsp://h/ RTSP/2.0", 505)]
)
def test_what_is_not_rtsp_is_refused(head: bytes, status: int) -> None:
    with pytest.raises(errors.RequestError) as caught:
        rtsp.parse(head)
    assert caught.value.status == status


def test_a_long_body_is_refused() -> None:
    with pytest.raises(errors.RequestError) as caught:
        _ = rtsp.parse(b"OPTIONS * RTSP/1.0\r\nContent-Length: 99999999").body_bytes
    assert caught.value.status == 413


def test_the_first_transport_the_camera_has_is_chosen() -> None:
    header = "RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=4-5,RTP/AVP;unicast;client_port=6-7"
    assert rtsp.parse_transport(header) == rtsp.Transport(True, (4, 5))
    assert rtsp.parse_transport("RTP/AVP;unicast;client_port=6000-6001") == rtsp.Transport(False, (6000, 6001))


@pytest.mark.parametrize("header", ["", "RTP/AVP;multicast", "RTP/SAVP;unicast", "RTP/AVP/TCP;interleaved=900-901"])
def test_other_transports_are_refused(header: str) -> None:
    with pytest.raises(errors.RequestError):
        rtsp.parse_transport(header)


def header_of(gate: digest.Gate, credentials: digest.Credentials) -> str:
    nonce = gate.challenge().split('nonce="')[1].split('"')[0]
    response = digest.answer(credentials, "PLAY", {"uri": "rtsp://h/a", "nonce": nonce})
    return f'Digest username="{credentials.user}", nonce="{nonce}", uri="rtsp://h/a", response="{response}"'


def test_only_the_right_password_for_a_challenge_of_ones_own_comes_in() -> None:
    gate = digest.Gate(KNOWN)
    assert gate.admits(header_of(gate, KNOWN), "PLAY")
    assert not gate.admits(header_of(gate, KNOWN), "SETUP")
    assert not gate.admits(header_of(gate, digest.Credentials("operator", "guess")), "PLAY")
    assert not gate.admits(header_of(digest.Gate(KNOWN), KNOWN), "PLAY")
    assert not gate.admits("Basic b3BlcmF0b3I6c2VjcmV0", "PLAY")
    assert not gate.admits("", "PLAY")


def test_the_password_is_in_no_representation() -> None:
    assert "secret" not in repr(KNOWN)


def test_a_camera_option_names_files_and_knobs() -> None:
    chosen = options.parse(["--camera", "gate=a.mp4,sub=b.mp4,gop_frames=30,stall=true"], {})
    (camera,) = chosen.cameras
    assert (camera.name, dict(camera.files)) == ("gate", {"main": (Path("a.mp4"),), "sub": (Path("b.mp4"),)})
    assert faults.changed(faults.Faults(), camera.knobs) == faults.Faults(gop_frames=30, stall=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--camera", "gate"],
        ["--camera", "gate=a.mp4,nonsense=1"],
        ["--camera", "a=a.mp4", "--camera", "a=b.mp4"],
        ["--camera", "a=a.mp4", "--user", "u"],
        ["--camera", "a=a.mp4", "--discovery"],
    ],
)
def test_a_command_line_that_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    with pytest.raises(errors.OptionError):
        options.parse(arguments, {})


def test_the_password_may_come_from_the_environment() -> None:
    chosen = options.parse(["--camera", "a=a.mp4", "--user", "u"], {options.PASSWORD_VARIABLE: "p"})
    assert chosen.credentials == digest.Credentials("u", "p")
