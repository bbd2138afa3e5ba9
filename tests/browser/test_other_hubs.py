"""What another hub lends, on the operators' page: its clip plays, its camera is watched, and a way that is cut is said in words."""

from pathlib import Path

import pytest
from playwright import sync_api

from sharing_hub.api import callers
from tests.support import chromium, footage, two_hubs, waiting

WAIT_MS = 30_000
FRAMES = "(document.querySelector('.lent video.live')?.getVideoPlaybackQuality().totalVideoFrames ?? 0)"

pytestmark = [*chromium.MARKS, pytest.mark.process]


def test_an_operator_sees_what_another_hub_lends_and_reads_when_the_way_there_is_cut(tmp_path: Path) -> None:
    with two_hubs.running(tmp_path) as pair, sync_api.sync_playwright() as playwright:
        here, report = pair.district.alarm()
        pair.district.send(report, "clip", footage.make(footage.Footage()).read_bytes())
        pair.district.post(f"/v1/incidents/{here}/confirm", {"note": "it burns"})
        (there,) = waiting.wait_until(pair.city.incidents, 20.0, "the fire at the city")
        running = chromium.launch(playwright)
        page = city_page(pair, running, there["incident_id"])
        page.wait_for_selector(f".lent[data-agency={two_hubs.DISTRICT}] li[data-camera={pair.district.camera_id}]")
        page.click(".lent .forms button")
        comes_true(page, "document.querySelector('.lent video')?.currentTime > 0.2", "the clip to play")
        page.click(".lent [data-verb=live]")
        comes_true(
            page, f"{FRAMES} > 5",
            "live pictures",
        )  # fmt: skip
        until = page.inner_text(".lent li .muted")
        page.click(".lent [data-verb=renew]")
        waiting.wait_until(lambda: page.inner_text(".lent li .muted") != until, 20.0, "the grant to last longer")
        frames = page.evaluate(FRAMES)
        comes_true(page, f"{FRAMES} > {frames}", "the live view to go on meanwhile")
        pair.cut()
        waiting.wait_until(lambda: pair.city.get("/v1/peers")[0]["fault"], 30.0, "the city to know of it")
        page.reload()
        page.wait_for_selector("#peers:has-text('연결 끊김')")
        page.wait_for_selector(".lent .refusal:has-text('답하지 않습니다')")
        running.close()


def comes_true(page: sync_api.Page, said: str, what: str) -> None:
    """Wait for something of the page (whose policy lets no test evaluate a function there)."""
    waiting.wait_until(lambda: page.evaluate(said), WAIT_MS / 1000, what)


def city_page(pair: two_hubs.Pair, running: sync_api.Browser, incident_id: str) -> sync_api.Page:
    """Open an incident at the city's operator's page."""
    context = running.new_context(locale="ko-KR", timezone_id="Asia/Seoul", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(WAIT_MS)
    cookie = pair.city.browsers["operator"].cookies.get(callers.COOKIE) or ""
    context.add_cookies([{"name": callers.COOKIE, "value": cookie, "url": pair.city.process.url}])
    page = context.new_page()
    page.goto(f"{pair.city.process.url}/#/alarms/{incident_id}")
    return page
