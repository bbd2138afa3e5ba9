import argparse
import asyncio
import contextlib
import http.server
import io
import socket
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from camera_agents import discover, onvif_camera
from camera_agents.configuration import settings_file
from tests.support import cameras

SOAP = "http://www.w3.org/2003/05/soap-envelope"
CLIP = Path("sample_streams/clips/vtest.mp4")
MATCH = """<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">
<s:Header><a:MessageID>urn:uuid:1</a:MessageID><a:RelatesTo>urn:uuid:2</a:RelatesTo><a:To>x</a:To>
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>
<a:EndpointReference><a:Address>urn:uuid:3</a:Address></a:EndpointReference><d:Types>d:Device</d:Types>
<d:Scopes>{scopes}</d:Scopes><d:XAddrs>{urls}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>
</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"""


def answer(urls: str, scopes: str = "onvif://www.onvif.org/name/gate") -> bytes:
    return MATCH.format(urls=urls, scopes=scopes).encode()


def evil(address: str) -> bytes:
    """Return an answer whose name is what an entity stands for."""
    text = answer("http://10.0.0.1/onvif", "onvif://www.onvif.org/name/&x;").decode()
    return text.replace("?>", f'?><!DOCTYPE a [<!ENTITY x SYSTEM "{address}"><!ENTITY y "y">]>', 1).encode()


@pytest.fixture(scope="module")
def sample() -> Iterator[cameras.SampleCamera]:
    options = ("--onvif-port", "0", "--discovery-port", "0")
    with cameras.SampleCamera({"north-gate": CLIP}, subs={"north-gate": CLIP}, options=options) as camera:
        yield camera


@contextlib.contextmanager
def liar(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A camera whose HTTP side does what `serve` does with a connection, once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/onvif/device_service"
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(20)


def ask(url: str, user: str = "", password: str = "") -> onvif_camera.Answer:
    return asyncio.run(discover.ask_apart(onvif_camera.Question(url=url, user=user, password=password)))


@pytest.mark.process
def test_a_camera_is_found_with_the_addresses_of_its_streams_and_no_password(sample: cameras.SampleCamera) -> None:
    out = io.StringIO()
    probe = ("127.0.0.1", sample.ready["discovery_port"])
    options = discover.Options(probe, 0.5, sample.user or "", sample.password or "")
    assert discover.run(options, out) == 0
    text = out.getvalue()
    assert text.startswith(f"north-gate  {sample.onvif('north-gate')}  Jikimi Sample camera\n")
    for stream in ("main", "sub"):
        assert f"{stream}: h264 960x720 15 fps  {sample.url('north-gate', stream, credentials=False)}" in text
    assert cameras.PASSWORD not in text


@pytest.mark.process
def test_blocks_for_the_configuration_are_toml(sample: cameras.SampleCamera) -> None:
    out = io.StringIO()
    probe = ("127.0.0.1", sample.ready["discovery_port"])
    options = discover.Options(probe, 0.5, sample.user or "", sample.password or "", toml=True)
    assert discover.run(options, out) == 0
    assert tomllib.loads(out.getvalue())["camera"] == [
        {
            "id": "north-gate",
            "name": "north-gate",
            "url": sample.url("north-gate", "main", credentials=False),
            "sub_url": sample.url("north-gate", "sub", credentials=False),
            "user": "operator",
            "password": "${NORTH_GATE_PASSWORD}",
        }
    ]


@pytest.mark.process
def test_cameras_that_keep_their_makers_name_are_taken_by_the_agents_configuration(
    sample: cameras.SampleCamera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sample.onvif("north-gate")
    twins = [discover.Found("10.0.0.1", url, "IPC"), discover.Found("10.0.0.2", f"{url}?2", "IPC")]
    monkeypatch.setattr(discover, "search", lambda *_: twins)
    out = io.StringIO()
    options = discover.Options(None, 0.5, sample.user or "", sample.password or "", toml=True)
    assert discover.run(options, out) == 0
    path = tmp_path / "agent.toml"
    path.write_text(f'[agent]\nsite = "gate"\nstate_dir = "state"\n{out.getvalue()}')
    blocks = tomllib.loads(path.read_text())["camera"]
    passwords = {block["password"].strip("${}"): "secret" for block in blocks}
    assert len(settings_file.load(path, passwords).cameras) == 2


@pytest.mark.process
def test_a_wrong_password_is_said_so(sample: cameras.SampleCamera) -> None:
    found = ask(sample.onvif("north-gate"), "operator", "wrong")
    assert found.streams == ()
    assert found.error != ""


@pytest.mark.process
def test_a_camera_that_is_not_there_costs_a_line() -> None:
    assert ask("http://127.0.0.1:1/onvif/device_service").error.startswith("not understood")


@pytest.mark.process
def test_a_camera_that_answers_nonsense_costs_a_line() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<html></html"
    with liar(lambda connection: connection.sendall(page)) as url:
        assert ask(url).error.startswith("not understood")


@pytest.mark.process
def test_a_camera_that_never_stops_talking_is_cut_off() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n\r\n")
        while True:
            connection.sendall(bytes(1024 * 1024))

    with liar(talk) as url:
        assert ask(url).error != ""


LAUGHS = '<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(12)
)


@pytest.mark.process
@pytest.mark.parametrize("entities", ['<!ENTITY x SYSTEM "file://{secret}">', '<!ENTITY x SYSTEM "{url}">', "{laughs}"])
def test_a_camera_whose_answers_declare_entities_learns_and_costs_nothing(tmp_path: Path, entities: str) -> None:
    secret, asked = tmp_path / "secret", []
    secret.write_text("the agent's own file")

    class Camera(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def do_POST(self) -> None:
            declared = entities.format(secret=secret, url=f"http://{self.headers['Host']}/x.dtd", laughs=LAUGHS)
            told = "&a11;" if "a11" in declared else "&x;"
            fault = f"<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>{told}</s:Text></s:Reason></s:Fault>"
            text = f'<!DOCTYPE a [{declared}]><s:Envelope xmlns:s="{SOAP}"><s:Body>{fault}</s:Body></s:Envelope>'
            self.send_response(200)
            self.send_header("Content-Type", "application/soap+xml")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            found = ask(f"http://127.0.0.1:{server.server_port}/onvif/device_service", "operator", "secret")
        finally:
            server.shutdown()
            thread.join()
    assert found.streams == ()
    assert found.error and "own file" not in found.error and "a" * 20 not in found.error
    assert asked == [], "nothing is fetched that a camera names"


@pytest.mark.process
def test_a_camera_that_stalls_is_left() -> None:
    asked = threading.Event()

    def stall(connection: socket.socket) -> None:
        connection.recv(4096)
        asked.wait(20)

    with liar(stall) as url:
        question = onvif_camera.Question(url=url)
        assert asyncio.run(discover.ask_apart(question, 0.5)).error == "the camera kept us too long"
        asked.set()


def test_silence_is_an_empty_list_and_exit_code_1() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        out = io.StringIO()
        assert discover.run(discover.Options(silent.getsockname(), 0.1), out) == 1
    assert out.getvalue() == "0 cameras found\n"


def test_everybody_on_the_networks_is_asked_when_no_host_is_named() -> None:
    assert isinstance(discover.search(None, 0.1), list)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"<a>",
        b"<a/>",
        answer("http://10.9.9.9/onvif"),
        answer(""),
        answer("ftp://10.0.0.1/x"),
        answer("http://["),
        evil("file:///etc/hostname"),
        evil("file:///etc/hostname").decode().encode("utf-16"),
    ],
)
def test_an_answer_that_is_none_or_points_elsewhere_is_no_camera(data: bytes) -> None:
    assert discover.read_answer(data, "10.0.0.1") == []


def test_the_name_is_made_safe_to_print() -> None:
    data = answer("http://10.0.0.1/onvif", "onvif://www.onvif.org/name/%EB%8C%80%EB%AC%B8%1B%5B31m")
    assert discover.read_answer(data, "10.0.0.1") == [discover.Found("10.0.0.1", "http://10.0.0.1/onvif", "대문[31m")]


def test_a_camera_without_a_usable_stream_is_a_comment() -> None:
    camera = discover.Found("10.0.0.1", "http://10.0.0.1/onvif", "gate")
    jpeg = onvif_camera.Answer(streams=(onvif_camera.Stream(name="m", url="rtsp://10.0.0.1/m", codec="jpeg"),))
    assert discover.toml_block(camera, jpeg, "") == ["# 10.0.0.1: no H.264 or H.265 stream"]


def test_a_camera_without_a_name_gets_an_id_from_its_address() -> None:
    camera = discover.Found("10.0.0.1", "http://10.0.0.1/onvif", "")
    stream = onvif_camera.Stream(name="m", url="rtsp://10.0.0.1/m", codec="h264", width_px=10, height_px=10)
    lines = discover.toml_block(camera, onvif_camera.Answer(streams=(stream,)), "")
    assert tomllib.loads("\n".join(lines))["camera"][0]["id"] == "camera-10-0-0-1"


def test_credentials_in_a_stream_address_are_taken_out() -> None:
    assert onvif_camera.without_credentials("rtsp://admin:secret@10.0.0.1:554/m?x=1") == "rtsp://10.0.0.1:554/m?x=1"


def test_the_command_line_names_host_and_port() -> None:
    parser = argparse.ArgumentParser()
    discover.add_arguments(parser)
    read = discover.options_of(parser.parse_args(["--probe", "10.0.0.1", "--timeout", "900", "--user", "a"]), "secret")
    assert read == discover.Options(("10.0.0.1", 3702), 60.0, "a", "secret")
    assert "secret" not in repr(read)
