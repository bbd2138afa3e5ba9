"""WS-Discovery of the sample camera: probes of the library agents use, by multicast on loopback and by unicast."""

import ipaddress
import socket
from collections.abc import Iterator

import pytest
import wsdiscovery
from wsdiscovery import discovery
from wsdiscovery.actions import constructProbe
from wsdiscovery.message import createSOAPMessage, parseSOAPMessage
from wsdiscovery.scope import Scope
from wsdiscovery.service import Service

from sample_streams.camera import soap
from tests.support import cameras, footage, waiting

pytestmark = pytest.mark.process

CAMERA_TYPE = wsdiscovery.QName(soap.NAMESPACES["dn"], "NetworkVideoTransmitter")
PRINTER_TYPE = wsdiscovery.QName("http://schemas.microsoft.com/windows/2006/08/wdp/print", "PrintDeviceType")


@pytest.fixture(scope="module")
def camera() -> Iterator[cameras.SampleCamera]:
    options = ("--onvif-port", "0", "--discovery", "--discovery-port", "0")
    files = {"gate": footage.make(), "yard": footage.make()}
    with cameras.SampleCamera(files, options=options) as running:
        yield running


def addresses(services: list[Service]) -> set[str]:
    return {address for service in services for address in service.getXAddrs()}


def test_a_multicast_probe_finds_every_camera(camera: cameras.SampleCamera) -> None:
    search = discovery.ThreadedWSDiscovery()
    search.start()
    try:
        search.addSourceAddr(ipaddress.ip_address("127.0.0.1"))  # the library itself leaves loopback out
        ours = {camera.onvif("gate"), camera.onvif("yard")}

        def found() -> bool:
            return ours <= addresses(search.searchServices(types=[CAMERA_TYPE], timeout=0.3))

        assert waiting.wait_until(found, 15, "both cameras' answers")
    finally:
        search.stop()


def probe(camera: cameras.SampleCamera, types: list[wsdiscovery.QName], scopes: list[Scope], count: int) -> set[str]:
    """Probe by unicast and return the addresses in the first `count` answers."""
    question = createSOAPMessage(constructProbe(types, scopes)).encode()
    found: set[str] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(10)
        asking.sendto(question, ("127.0.0.1", camera.ready["discovery_port"]))
        for _ in range(count):
            answer = parseSOAPMessage(asking.recv(65536), "127.0.0.1")
            found |= {url for match in answer.getProbeResolveMatches() for url in match.getXAddrs()}
    return found


def test_a_unicast_probe_finds_every_camera(camera: cameras.SampleCamera) -> None:
    assert probe(camera, [CAMERA_TYPE], [], 2) == {camera.onvif("gate"), camera.onvif("yard")}


def test_a_scope_finds_only_who_has_it(camera: cameras.SampleCamera) -> None:
    assert probe(camera, [], [Scope("onvif://www.onvif.org/name/yard")], 1) == {camera.onvif("yard")}


def test_nobody_answers_for_a_printer_or_to_garbage(camera: cameras.SampleCamera) -> None:
    printer = createSOAPMessage(constructProbe([PRINTER_TYPE], [])).encode()
    anything = createSOAPMessage(constructProbe([], [])).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(10)
        for question in (printer, b"<", b"\x00" * 20_000, anything):
            asking.sendto(question, ("127.0.0.1", camera.ready["discovery_port"]))
        asked = soap.parse(anything).header_text("a:MessageID")
        answers = [soap.parse(asking.recv(65536)).header_text("a:RelatesTo") for _ in range(2)]
    assert answers == [asked, asked]  # in order: nothing came for the first three
