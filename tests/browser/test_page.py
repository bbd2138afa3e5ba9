"""The operators' page in a real browser: sign in, see an alarm arrive, play its clip, watch a camera, acknowledge."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from tests.support import chromium, demos
from tests.support.waiting import wait_until

PICTURES = os.environ.get("JIKIMI_PICTURES")
"""Where to keep screenshots; README's picture is made with JIKIMI_PICTURES=sample_streams/pictures."""

pytestmark = chromium.MARKS


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """One headless Chromium for the module."""
    with sync_api.sync_playwright() as playwright:
        running = chromium.launch(playwright)
        yield running
        running.close()


@pytest.fixture(scope="module")
def signed_in(browser: sync_api.Browser, demo: demos.RunningDemo) -> Iterator[sync_api.BrowserContext]:
    """An operator who signed in once, on the form."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ko-KR", timezone_id="Asia/Seoul")
    page = context.new_page()
    page.goto(demo.url)
    page.fill("input[name=name]", "admin")
    page.fill("input[name=password]", demo.password)
    page.click("form button")
    page.wait_for_selector(".alarms")
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: sync_api.BrowserContext, demo: demos.RunningDemo) -> Iterator[sync_api.Page]:
    """The operator's page; a script error or a breach of the content security policy fails the test."""
    wrong: list[str] = []
    page = signed_in.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(demo.url)
    page.wait_for_selector(".alarms")
    yield page
    page.close()
    assert not wrong


def keep(page: sync_api.Page, name: str) -> None:
    """Keep a screenshot where somebody asked for one."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def test_a_wrong_password_is_refused_in_words(browser: sync_api.Browser, demo: demos.RunningDemo) -> None:
    page = browser.new_page()
    page.goto(demo.url)
    page.fill("input[name=name]", "admin")
    page.fill("input[name=password]", "not the password")
    page.click("form button")

    sync_api.expect(page.locator(".wrong")).not_to_be_empty()
    page.close()


def test_an_alarm_arrives_without_reloading(page: sync_api.Page) -> None:
    page.evaluate("window.neverReloaded = true")
    page.wait_for_selector("a.alarm", timeout=120_000)
    first = page.evaluate(
        "document.querySelectorAll('a.alarm').length + [...document.querySelectorAll('.times')].join().length"
    )
    texts = page.inner_text(".alarms")

    page.wait_for_function(
        "before => document.querySelector('.alarms').innerText !== before", arg=texts, timeout=120_000
    )

    assert page.evaluate("window.neverReloaded") is True
    assert first > 0


def test_a_clip_plays_beside_its_explanation(page: sync_api.Page, demo: demos.RunningDemo) -> None:
    wait_until(
        lambda: any(
            m["form"] == "clip" for e in demo.get("/v1/events?kind=intrusion&limit=20")["items"] for m in e["media"]
        ),
        150,
        "a clip",
    )
    incident = next(one for one in demo.get("/v1/incidents?state=all&limit=100")["items"] if one["kind"] == "intrusion")

    page.goto(f"{demo.url}/#/alarms/{incident['incident_id']}")
    wait_until(
        lambda: page.evaluate("document.querySelector('.screen video')?.currentTime > 1"), 30, "the clip to play"
    )

    later = page.evaluate(
        "new Promise(done => { const v = document.querySelector('.screen video'), t = v.currentTime; setTimeout(() => done(v.currentTime - t), 1000); })"
    )
    assert later != 0
    assert page.locator(".explanation tbody tr").count() >= 1
    assert any(text.strip() for text in page.locator(".explanation tbody td:last-child").all_inner_texts())
    assert page.locator(".overlay .zone").count() == 1
    keep(page, "page")


def test_a_camera_is_watched_live(page: sync_api.Page, demo: demos.RunningDemo) -> None:
    page.goto(f"{demo.url}/#/cameras/vtest")
    wait_until(lambda: "감시 시간" in page.inner_text(".about"), 30, "how long it was watched for")
    page.click("#watch-live")
    frames = "document.querySelector('video.live')?.getVideoPlaybackQuality().totalVideoFrames ?? 0"
    wait_until(lambda: page.evaluate(frames) > 5, 30, "the first live pictures")
    before = page.evaluate(frames)

    wait_until(lambda: page.evaluate(frames) > before + 10, 30, "more live pictures")

    keep(page, "live")
    page.click("#watch-live")


def test_a_key_acknowledges_the_alarm(page: sync_api.Page, demo: demos.RunningDemo) -> None:
    incident = next(one for one in demo.get("/v1/incidents?state=open&limit=100")["items"] if one["state"] == "new")
    page.goto(f"{demo.url}/#/alarms/{incident['incident_id']}")
    page.wait_for_selector(".actions button[data-verb=acknowledge]:not([disabled])")

    page.keyboard.press("a")

    page.wait_for_selector(".head .state.acknowledged")
    assert demo.get(f"/v1/incidents/{incident['incident_id']}")["state"] == "acknowledged"


def test_an_alarm_can_be_called_false_with_a_reason_and_taken_back(
    page: sync_api.Page, demo: demos.RunningDemo
) -> None:
    incident = next(one for one in demo.get("/v1/incidents?state=open&limit=100")["items"])
    page.goto(f"{demo.url}/#/alarms/{incident['incident_id']}")
    page.wait_for_selector(".actions button")

    page.keyboard.press("x")
    page.keyboard.press("3")
    page.wait_for_selector(".head .state.false_alarm")
    page.keyboard.press("u")

    page.wait_for_selector(".head .state.acknowledged, .head .state.new")


def test_the_page_speaks_english_too(page: sync_api.Page) -> None:
    page.click("header >> text=English")

    sync_api.expect(page.locator("nav")).to_contain_text("Alarms")
    page.click("header >> text=한국어")
