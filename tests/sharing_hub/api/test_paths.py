"""Names in addresses that try to lead out of where they belong: at every door with a name in its path, and at the page's files."""

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sharing_hub import app
from sharing_hub import hub as hubs
from sharing_hub.api import callers
from tests.support import desk, hub_site, probes, two_agencies

MARK = "the inside of a file that no address leads to"
EVIL = (
    "..", "../..", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd",
    "..%c0%af..%c0%afetc%c0%afpasswd", "..\\..\\etc\\passwd", "..%5c..%5cetc%5cpasswd", "%00", "mark.txt%00.mp4", "%2fetc%2fpasswd",
    "//etc/passwd", "file:///etc/passwd", "C:%5cWindows%5cwin.ini", ".%2e/mark.txt", "....//....//mark.txt", "~", "%7e%2f.ssh",
    "hub.sqlite", "%ff%fe", "%ed%a0%80", "mark.txt%0d%0aX-Evil:%201", "x" * 5000, "%", "%zz", "*", "media%2f..%2fhub.toml",
)  # fmt: skip
PAGES = ("/", "/static/", "/assets/", "/app/", "/public/", "/favicon.ico/")


@dataclass(frozen=True)
class Hall:
    """A served hub whose data folder holds a marked file, and every path of its OpenAPI that has a name in it."""

    hub: hubs.Hub
    client: httpx.Client
    bearer: Mapping[str, str]
    ids: Mapping[str, str]
    doors: tuple[tuple[str, str], ...]

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        """Send a path byte for byte: httpx would tidy it up."""
        connection = http.client.HTTPConnection(self.client.base_url.host, self.client.base_url.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", "2" if method != "GET" else "0")
            connection.endheaders(b"{}" if method != "GET" else None)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.headers)
        finally:
            connection.close()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as hub, hub_site.served(hub) as client:
        site = two_agencies.furnish(hub)
        fire = two_agencies.made(hub, client, "fire-119", media_id=two_agencies.still(hub, site))
        for folder in (hub.settings.data_dir, *filter(Path.is_dir, hub.settings.data_dir.iterdir())):
            (folder / "mark.txt").write_text(MARK)
        document = app.create(hub).openapi()
        doors = tuple(
            (method.upper(), path) for path, methods in document["paths"].items() for method in methods if "{" in path
        )
        yield Hall(hub, client, fire.bearer, fire.ids, doors)


def addresses(hall: Hall, path: str) -> Iterator[str]:
    """Yield a door's path with each evil value in the place of each of its names, the others being good ones."""
    names = re.findall(r"{(\w+)}", path)
    for name in names:
        for evil in EVIL:
            values = {other: hall.ids.get(other, "1") for other in names} | {name: evil}
            yield path.format(**values) + "?why=curious"


def wrong_with(status: int, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Say what is wrong with an answer to an evil path."""
    if status >= 500:
        return f"fails with {status}"
    if MARK.encode() in body or b"root:" in body or b"SQLite format" in body or "X-Evil" in headers:
        return "tells what is in a file"
    if status >= 400 and headers.get("content-type") == probes.PROBLEM and json.loads(body)["status"] != status:
        return "says another status than it has"
    return None


@pytest.mark.parametrize("caller", ["system", "admin"])
def test_no_name_in_a_path_leads_to_a_file_or_makes_the_hub_fail(hall: Hall, caller: str) -> None:
    assert len(hall.doors) > 40
    found, asked = [], 0
    with desk.signed_in(hall.hub, hall.client, "admin") as browser:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        person = {"Cookie": cookies, callers.CSRF_HEADER: browser.headers[callers.CSRF_HEADER]}
        headers = {"Content-Type": "application/json", **(person if caller == "admin" else hall.bearer)}
        for method, path in hall.doors:
            for address in addresses(hall, path):
                asked += 1
                what = wrong_with(*hall.ask(method, address, headers))
                if what:
                    found.append(f"{method} {address[:200]} {what}")
    assert not found, "\n".join(found[:20])
    assert asked > 1000


def test_no_address_of_a_page_leads_out_of_the_pages_folder(hall: Hall) -> None:
    found = []
    for folder in PAGES:
        for evil in EVIL:
            status, body, headers = hall.ask("GET", folder + evil, {})
            what = wrong_with(status, body, headers) or ("is there" if status == 200 and b"passwd" in body else None)
            if what:
                found.append(f"GET {folder}{evil} {what}")
    assert not found, "\n".join(found)
