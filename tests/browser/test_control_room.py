"""The control room's views in a real browser: one hub, one Chromium, and somebody of each role who does there what the work needs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import sqlalchemy as sa
from playwright import sync_api

from sharing_hub.api import callers
from sharing_hub.store import oversight_tables, tables
from tests.support import chromium, control_room, desk, hub_site

ENGLISH = ("lee", "park")
"""Who reads English; the others Korean."""

pytestmark = chromium.MARKS


@dataclass(frozen=True)
class Desks:
    """The hub, and a page of it for whoever sits down. A script error or a breach of the content security policy is kept in `wrong`."""

    room: control_room.ControlRoom
    client: httpx.Client
    running: sync_api.Browser
    wrong: list[str] = field(default_factory=list)
    pages: dict[tuple[str, bool], sync_api.Page] = field(default_factory=dict)

    def page(self, name: str, address: str, proved: bool = True) -> sync_api.Page:
        """Sit somebody down before the page, signed in; who sat there before goes on. `proved`: with a passkey confirmed, as far as the hub knows."""
        if (name, proved) not in self.pages:
            self.pages[name, proved] = self._new(name, proved)
        page = self.pages[name, proved]
        page.evaluate("address => { location.hash = address; }", f"#/{address}")
        return page

    def _new(self, name: str, proved: bool) -> sync_api.Page:
        hub, url = self.room.hub, f"http://localhost:{self.client.base_url.port}"
        with desk.signed_in_again(hub, self.client, name) as browser:
            cookie = browser.cookies.get(callers.cookie_name(hub)) or ""
        if proved:
            with hub.database.writing() as session:
                newest = sa.select(sa.func.max(tables.OperatorSession.created_at)).scalar_subquery()
                mine = sa.update(tables.OperatorSession).where(tables.OperatorSession.created_at == newest)
                session.execute(mine.values(second_factor_at=hub.clock()))
        context = self.running.new_context(locale="ko-KR", timezone_id="Asia/Seoul")
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": callers.cookie_name(hub), "value": cookie, "url": url}])
        context.add_init_script(f"localStorage.setItem('language', '{'en' if name in ENGLISH else 'ko'}')")
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on(
            "console", lambda line: self.wrong.append(line.text) if "Content Security Policy" in line.text else None
        )
        page.goto(url)
        page.wait_for_selector("nav")
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
        running = chromium.launch(playwright)
        made = Desks(room, client, running)
        yield made
        running.close()
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
    page = desks.page("kim", desks.incident("lawn"), proved=False)
    see(page, ".refusal", "2차 인증이 필요합니다.")
    see(page, ".refusal code", "second-factor-needed")
    assert page.locator(".screen img").count() == 0

    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": chromium.AUTHENTICATOR})
    page.click("#passkeys")
    page.fill("dialog input[name=label]", "업무용")
    page.click("#passkey-add")
    see(page, "dialog .state", "이 로그인에서 패스키를 확인했습니다.")
    page.click("dialog form[method=dialog] button")
    page.click(".forms button >> nth=1")

    page.wait_for_selector(".screen img")


def test_two_operators_and_a_leader_work_on_an_incident(desks: Desks) -> None:
    kim, lee = desks.page("kim", desks.incident("gate")), desks.page("lee", desks.incident("gate"))
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


def test_a_leader_ends_a_grant_and_merges_what_is_one_occurrence(desks: Desks) -> None:
    page = desks.page("park", desks.incident("road-day"))
    see(page, "[data-agency=fire-119]", "Fire 119 control")
    page.click("[data-agency=fire-119] [data-verb=revoke]")
    fill(page, why="over on the spot")
    sync_api.expect(page.locator("[data-agency=fire-119] .grant")).to_have_count(0)
    page = desks.page("park", desks.incident("river"))
    see(page, ".head h1", "Loitering")
    page.click("[data-verb=merge]")
    page.check(f"dialog input[value='{desks.room.incidents['lawn']}']")
    page.click("dialog .buttons button:last-child")
    see(page, ".head h1", "Fight")
    see(page, ".head h1 .times", "×2")


def test_an_agencys_person_sees_what_is_shared_says_so_and_nothing_of_the_control_room(desks: Desks) -> None:
    officer = desks.page(control_room.OFFICER, f"shared/{desks.room.incidents['road-day']}")
    see(officer, ".detail h1", "화재")
    see(officer, ".screen", "볼 수 있는 영상이 아직 없습니다")
    assert officer.locator("nav a").all_inner_texts() == ["사건"]
    officer.click("[data-verb=accept]")
    see(officer, "[data-verb=accept]", "✓ 접수")
    see(desks.page("kim", desks.incident("road-day")), "[data-agency=police-112]", "접수")


def test_a_request_is_decided_by_another_and_the_applicant_picked_on_the_picture(desks: Desks) -> None:
    control_room.arrive(desks.room, "gate")
    kim = desks.page("kim", "requests/new:gate")
    kim.fill("dialog .picker input", "37.5704, 126.9921")
    kim.keyboard.press("Enter")
    kim.click("dialog .around [data-camera=road-day]")
    see(kim, "dialog .picker .tagged >> nth=1", "road-day")
    kim.click("dialog .picker .tagged >> nth=1 >> button")
    fill(kim, kind="internal", why="출입 확인", purpose="crime_response", legal_basis="25-1", export_mode="none")
    see(kim, ".detail .warn", "본인이 낸 요청은 다른 사람이 결정합니다")
    assert kim.locator("[data-verb=approve]").count() == 0
    park = desks.page("park", kim.url.split("#/")[1])
    park.click("[data-verb=approve]")
    fill(park, why="in order", mask_level="whole")
    see(park, "h1 .request-state", "approved")
    see(kim, "h1 .request-state", "승인됨")

    park.click("[data-group=waiting]")
    park.click('table.requests tr:has-text("person\'s copy")')
    park.click("[data-recording] button:has-text('Pick')")
    park.wait_for_selector("dialog .surface")
    park.locator("dialog .surface").click(position={"x": 40, "y": 40})
    park.keyboard.press("ArrowRight")
    park.keyboard.press("Enter")
    fill(park)
    see(park, "[data-recording]", "2 points picked")
    park.click("[data-verb=refuse]")
    fill(park, why="not the applicant")
    see(park, "h1 .request-state", "refused")


def test_an_emergency_look_is_begun_at_a_camera_and_reviewed_by_somebody_else(desks: Desks) -> None:
    choi = desks.page("choi", "emergency")
    see(choi, "#glass-count", "1")
    choi.click("[data-verb=rejected]")
    fill(choi, note="사람이 없었다")
    see(choi, ".glass.rejected", "choi 님이 검토")
    lee = desks.page("lee", "cameras/vtest", proved=False)
    lee.click("#break-glass")
    lee.fill("dialog [name=sentence]", "somebody lies on the stairs and does not move")
    lee.click("dialog .buttons button:last-child")
    see(lee, "dialog .wrong", "a second factor in this session")
    assert lee.locator("dialog [data-remedy=passkey]").count() == 1
    lee = desks.page("lee", "cameras/vtest")
    lee.click("#break-glass")
    fill(lee, sentence="somebody lies on the stairs and does not move")
    see(lee, ".notice", "it ends at")
    desks.page("choi", "handover")
    see(desks.page("choi", "emergency"), ".glass.waits", "lee")


def test_a_privacy_officer_signs_the_month_and_a_leader_sees_the_registers_only(desks: Desks) -> None:
    now = desks.room.hub.clock()
    with desks.room.hub.database.writing() as session:  # as the hub's own job does once a month
        session.add(oversight_tables.MonthlyReview(month="2026-10", opened_at=now, due_at=now, looks=120, cues=0))
    choi = desks.page("choi", "oversight")
    see(choi, ".columns", "서명됨")
    choi.click("[data-verb=sign]")
    fill(choi, note="확인할 점 없음")
    see(choi, ".review", "choi 서명")
    assert choi.locator("table.dense tbody tr").count() > 10
    with choi.expect_popup() as printed:
        choi.click(".registers a >> nth=0")
    see(printed.value, "body", "제3자 제공")
    park = desks.page("park", "oversight")
    see(park, ".columns", "The ledger is read by administrators")
    assert park.locator("table.dense").count() == 0


def test_an_administrator_invites_changes_and_registers_and_a_leader_sets_shifts(desks: Desks) -> None:
    admin = desks.page("admin", "people")
    admin.click("#invite")
    admin.select_option("dialog [name=agency_id]", "police-112")
    admin.select_option("dialog [name=role]", "partner_lead")
    admin.click("dialog .buttons button:last-child")
    see(admin, "dialog .token", "/#/invitation/")
    admin.keyboard.press("Escape")
    see(admin, ".list section", "기관 책임자")
    admin.click("table.people a:text-is('min')")
    admin.click("[data-verb=role]")
    fill(admin, role="auditor", unit="감사실")
    see(admin, ".detail .head", "감사자")
    admin.evaluate("() => { location.hash = '#/systems'; }")
    admin.click("#add-endpoint")
    admin.select_option("dialog [name=agency_id]", "fire-119")
    admin.fill("dialog [name=url]", "https://119.example.kr/jikimi")
    admin.click("dialog .buttons button:last-child")
    see(admin, "dialog .token", "whsec_")

    park = desks.page("park", "people")
    assert park.locator("#invite").count() == 0
    park.click("table.people a:text-is('lee')")
    park.click("[data-verb=shift]")
    fill(park, hours="4")
    see(park, ".detail dl", "on duty")
    park.click("#shift")
    see(park, "#shift", "on duty")


def test_a_change_of_the_book_is_proposed_by_one_and_approved_by_another_who_asks_who_could_see(desks: Desks) -> None:
    admin = desks.page("admin", "book")
    admin.click("#propose")
    admin.select_option("dialog [name=part]", "limits")
    text = admin.input_value("dialog textarea.code")
    admin.fill("dialog textarea.code", text.replace('"nearest_cameras": 5', '"nearest_cameras": 8'))
    see(admin, "dialog .diff", "함께 여는 가까운 카메라 (대)")
    fill(admin, why="큰 화재에 대비")
    see(admin, ".proposal", "본인이 낸 제안은 다른 사람이 승인합니다")
    choi = desks.page("choi", "book")
    see(choi, ".proposal .diff", "함께 여는 가까운 카메라 (대)")
    choi.click("[data-verb=approve]")
    fill(choi)
    see(choi, ".top", "시행 중: 2판")
    choi.evaluate("() => { location.hash = '#/simulator/vtest'; }")
    see(choi, ".simulated", "관제실은 설치 목적 안에서 구의 카메라를 봅니다.")
    choi.uncheck("[name=proved]")
    see(choi, ".warn", "아무도 볼 수 없습니다.")
