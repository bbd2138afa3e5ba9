"""Registers over HTTP: who gets them, as what, and that handing one out is on record first."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sharing_hub import hub as hubs
from tests.support import desk, hub_site, recorded


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as opened:
        recorded.fill(opened)
        yield opened


@pytest.fixture
def client(hub: hubs.Hub) -> Iterator[httpx.Client]:
    with hub_site.served(hub) as served:
        yield served


def door(hub: hubs.Hub, letter: str, form: str) -> str:
    return f"/v1/registers/{letter}.{form}?month={hub.clock():%Y-%m}"


@pytest.mark.parametrize("letter", ["a", "b", "c"])
def test_a_leader_an_administrator_and_an_auditor_get_each_register_in_both_forms(
    hub: hubs.Hub, client: httpx.Client, letter: str
) -> None:
    for role in ("leader", "admin", "auditor"):
        with desk.signed_in(hub, client, role) as browser:
            sheet, page = browser.get(door(hub, letter, "csv")), browser.get(door(hub, letter, "html"))
        assert sheet.content.startswith(b"\xef\xbb\xbf")
        assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in sheet.headers["content-disposition"]
        assert page.text.startswith("<!doctype html>")
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "script" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("role", ["operator", "visitor"])
def test_others_get_none_and_nothing_is_recorded_as_handed_out(hub: hubs.Hub, client: httpx.Client, role: str) -> None:
    assert client.get(door(hub, "c", "csv")).status_code == 401
    with desk.signed_in(hub, client, role) as browser:
        assert browser.get(door(hub, "c", "csv")).status_code == 403
    assert "register.exported" not in recorded.actions(hub)


def test_handing_out_a_register_is_an_entry_with_who_and_from_where(hub: hubs.Hub, client: httpx.Client) -> None:
    with desk.signed_in(hub, client, "leader", name="choi") as browser:
        page = browser.get(door(hub, "c", "html")).text
    entry = recorded.entries(hub)[-1]
    assert entry["action"] == "register.exported"
    assert (entry["actor"]["name"], entry["source_address"], entry["details"]) == (
        "choi",
        "127.0.0.1",
        {"form": "html"},
    )
    assert "register.exported" in page


@pytest.mark.parametrize("path", ["d.csv?month=2026-01", "a.pdf?month=2026-01", "a.csv", "a.csv?month=2026-13"])
def test_what_is_no_register_is_refused(hub: hubs.Hub, client: httpx.Client, path: str) -> None:
    with desk.signed_in(hub, client, "admin") as browser:
        assert browser.get(f"/v1/registers/{path}").status_code == 422
    assert "register.exported" not in recorded.actions(hub)
