"""The control room's views in a real browser: one hub, one Chromium, and somebody of each role who does there what the work needs."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright import sync_api

from sharing_hub.api import callers
from tests.support import control_room, desk, hub_site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: make test says how"),
]


@dataclass(frozen=True)
class Desks:
    """The hub, and a page of it for whoever sits down. A script error or a breach of the content security policy is kept in `wrong`."""

    room: control_room.ControlRoom
    client: httpx.Client
    chromium: sync_api.Browser
    wrong: list[str] = field(default_factory=list)

    def page(self, name: str, address: str = "", language: str = "ko") -> sync_api.Page:
        """Sit somebody down before the page, signed in."""
        hub, url = self.room.hub, f"http://localhost:{self.client.base_url.port}"
        with desk.signed_in_again(hub, self.client, name) as browser:
            cookie = browser.cookies.get(callers.cookie_name(hub)) or ""
        context = self.chromium.new_context(locale="ko-KR", timezone_id="Asia/Seoul")
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": callers.cookie_name(hub), "value": cookie, "url": url}])
        context.add_init_script(f"localStorage.setItem('language', '{language}')")
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on(
            "console", lambda line: self.wrong.append(line.text) if "Content Security Policy" in line.text else None
        )
        page.goto(f"{url}/#/{address}")
        return page

    def incident(self, camera_id: str) -> str:
        """Return the address of the incident at a camera."""
        return f"alarms/{self.room.incidents[camera_id]}"


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    strict = {"second_factor": True, "training": True}
    with (
        control_room.opened(tmp_path_factory.mktemp("hub"), access=strict) as room,
        hub_site.served(room.hub) as client,
        sync_api.sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        made = Desks(room, client, chromium)
        yield made
        chromium.close()
        assert not made.wrong


def fill(page: sync_api.Page, **values: str) -> None:
    """Fill in the dialog's fields, and press its button."""
    for name, value in values.items():
        element = page.locator(f"dialog [name={name}]")
        if element.evaluate("one => one.tagName") == "SELECT":
            element.select_option(value)
        else:
            element.fill(value)
    page.click("dialog .buttons button:last-child")
    sync_api.expect(page.locator("dialog")).to_have_count(0)


def see(page: sync_api.Page, selector: str, words: str) -> None:
    """Wait until something on the page says this."""
    sync_api.expect(page.locator(selector).first).to_contain_text(words)


def test_a_refused_look_is_words_and_the_rule_and_a_passkey_opens_it(desks: Desks) -> None:
    page = desks.page("kim", desks.incident("lawn"))
    see(page, ".refusal", "2차 인증이 필요합니다.")
    see(page, ".refusal code", "second-factor-needed")
    assert page.locator(".screen img").count() == 0

    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.click("#passkeys")
    page.fill("dialog input[name=label]", "업무용")
    page.click("#passkey-add")
    see(page, "dialog .state", "이 로그인에서 패스키를 확인했습니다.")
    page.click("dialog form[method=dialog] button")
    page.click(".forms button >> nth=1")

    page.wait_for_selector(".screen img")
    page.context.close()


def test_two_operators_and_a_leader_work_on_an_incident(desks: Desks) -> None:
    kim, lee = desks.page("kim", desks.incident("gate")), desks.page("lee", desks.incident("gate"), "en")
    kim.click("[data-verb=lease]")
    see(lee, ".lease", "kim works on it")
    lee.click("[data-verb=acknowledge]")
    see(lee, ".notice", "take it over first")
    lee.click("[data-verb=lease]")
    lee.click("dialog .buttons button:last-child")
    see(kim, ".lease", "lee 처리 중")
    lee.keyboard.press("h")
    fill(lee, minutes="60", why="a drill until five")
    see(lee, ".handled", "put aside until")
    lee.click("[data-verb=unshelve]")
    lee.keyboard.press("s")
    fill(lee, agency_id="police-112", why="the guard asks for it")
    see(lee, "[data-agency=police-112]", "Masked still")
    lee.click("[data-agency=police-112] [data-verb=withdraw]")
    fill(lee, why="a wrong share")
    see(lee, "[data-agency=police-112]", "withdrawn")
    lee.click("[data-verb=confirm]")
    see(lee, ".head .state", "Confirmed")
    lee.keyboard.press("d")
    fill(lee, disposition="nothing_found", note="nobody there")
    for words in ("closed", "Nothing found on the spot", "share withdrawn", "taken over", "from kim"):
        see(lee, ".timeline", words)
    lee.keyboard.press("u")
    see(lee, ".head .state", "Acknowledged")
    kim.context.close()
    lee.context.close()


def test_a_leader_ends_a_grant_and_merges_what_is_one_occurrence(desks: Desks) -> None:
    page = desks.page("park", desks.incident("road-day"))
    see(page, "[data-agency=fire-119]", "소방 119 상황실")
    page.click("[data-agency=fire-119] [data-verb=revoke]")
    fill(page, why="현장 종료")
    sync_api.expect(page.locator("[data-agency=fire-119] .grant")).to_have_count(0)
    page.goto(page.url.replace(str(desks.room.incidents["road-day"]), str(desks.room.incidents["river"])))
    page.click("[data-verb=merge]")
    page.check(f"dialog input[value='{desks.room.incidents['lawn']}']")
    page.click("dialog .buttons button:last-child")
    see(page, ".head h1", "싸움")
    see(page, ".head h1 .times", "2회")
    page.context.close()


def opened(page: sync_api.Page) -> Callable[[str], None]:
    """Return what opens another address of the page."""
    return lambda address: page.evaluate("address => { location.hash = address; }", f"#/{address}")
