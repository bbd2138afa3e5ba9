"""An invited person makes an account and a passkey in a real browser, with the authenticator that Chromium pretends to have."""

from collections.abc import Iterator

import httpx
import pytest
from playwright import sync_api

from sharing_hub import hub as hubs
from sharing_hub.services import invitations, operators
from tests.support import chromium, hub_site

SECRET = "a-secret-that-stands-in-a-link"

pytestmark = chromium.MARKS


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path_factory.mktemp("hub")) as opened:
        with opened.database.writing() as session:
            invitations.make(session, None, operators.Place("district", "operator"), SECRET, opened.clock())
        yield opened


@pytest.fixture(scope="module")
def url(hub: hubs.Hub) -> Iterator[str]:
    """Where browsers offer passkeys without TLS: by name, for 127.0.0.1 is none."""
    with hub_site.served(hub) as client:
        assert isinstance(client, httpx.Client)
        yield f"http://localhost:{client.base_url.port}"


@pytest.fixture
def page(url: str) -> Iterator[sync_api.Page]:
    """A page in Korean; a script error or a breach of the content security policy fails the test."""
    wrong: list[str] = []
    with sync_api.sync_playwright() as playwright:
        running = chromium.launch(playwright)
        page = running.new_page(locale="ko-KR")
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
        protocol = page.context.new_cdp_session(page)
        protocol.send("WebAuthn.enable")
        protocol.send("WebAuthn.addVirtualAuthenticator", {"options": chromium.AUTHENTICATOR})
        yield page
        running.close()
    assert not wrong


def second_factor(page: sync_api.Page) -> bool:
    return bool(page.evaluate("fetch('/v1/session').then(r => r.json()).then(s => s.operator.second_factor)"))


def test_an_invited_person_makes_an_account_and_a_passkey_and_confirms_it_at_the_next_login(
    page: sync_api.Page, url: str
) -> None:
    page.goto(f"{url}/#/invitation/{SECRET}")
    page.fill("input[name=name]", "park")
    page.fill("input[name=password]", "a password of my own")
    page.fill("input[name=again]", "a password of my own")
    page.click("form button")
    page.wait_for_selector(".alarms")
    assert SECRET not in page.url
    assert not second_factor(page)

    page.click("#passkeys")
    sync_api.expect(page.locator("dialog .state")).to_have_text("등록한 패스키가 없습니다.")
    page.fill("input[name=label]", "업무용 휴대전화")
    page.click("#passkey-add")
    sync_api.expect(page.locator("dialog .passkeys li")).to_contain_text("업무용 휴대전화")
    sync_api.expect(page.locator("dialog .state")).to_have_text("이 로그인에서 패스키를 확인했습니다.")
    assert second_factor(page)
    page.click("dialog form[method=dialog] button")

    page.click("text=로그아웃")
    page.fill("input[name=name]", "park")
    page.fill("input[name=password]", "a password of my own")
    page.click("form button")
    page.wait_for_selector(".alarms")
    assert not second_factor(page)
    page.click("#passkeys")
    page.click("#passkey-confirm")
    sync_api.expect(page.locator("dialog .state")).to_have_text("이 로그인에서 패스키를 확인했습니다.")
    assert second_factor(page)
