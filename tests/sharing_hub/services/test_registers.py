"""The registers: a month of Korean time, with the forms' columns; what people wrote is never a formula and never markup."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import ledger as entries
from sharing_hub.services import ledger, looks, register_columns, register_forms, registers
from tests.support import hub_site, recorded, viewing


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def read(hub: hubs.Hub, letter: register_columns.Letter, month: str = "", role: str = "leader") -> registers.Register:
    month = month or f"{hub.clock():%Y-%m}"
    with hub.database.reading() as session:
        return registers.read(session, viewing.viewer(role), letter, month)


def look(hub: hubs.Hub, why: str, at: datetime | None = None) -> None:
    subject = looks.Subject("clip", "gate", "media-1")
    looks.look(hub.database, hub.access, viewing.viewer(), subject, looks.Reason(why, "10.0.0.7"), at or hub.clock())


def test_the_register_of_personal_video_has_what_was_seen_used_and_destroyed(hub: hubs.Hub) -> None:
    recorded.fill(hub)
    register = read(hub, "b")
    assert [name for _, name in register.columns] == [
        "No.", "kind", "date and time", "file", "form of the file", "person in charge", "purpose", "third party", "basis", "form",
        "period", "destroyed at", "destroyed by",
    ]  # fmt: skip
    assert [row[1] for row in register.rows] == ["열람", "열람", "열람", "파기"]
    seen, gone = register.rows[0], register.rows[-1]
    assert (seen[0], seen[3], seen[5], seen[6]) == ("1", "gate / gate", "kim (operator)", "alarm (crime_response)")
    assert gone[2] == ""
    assert gone[11:] == (f"{hub.clock().astimezone(register_columns.KOREA):%Y-%m-%d %H:%M:%S}", "hub")


def test_the_access_record_has_who_when_from_where_what_and_how_it_was_decided(hub: hubs.Hub) -> None:
    recorded.fill(hub)
    rows = read(hub, "c").rows
    assert all(len(row) == 12 for row in rows)
    denied = next(row for row in rows if row[8] == "거부")
    assert (denied[2], denied[4], denied[6], denied[9]) == (
        "lee (auditor)",
        recorded.SOURCE,
        "gate",
        "curious",
    )
    assert denied[7] == "실시간 열람 (look.live)"
    assert next(row for row in rows if "operator.disabled" in row[7])[5] == "operator park"
    done = {row[7] for row in rows}
    assert {"로그인 (operator.signed_in)", "로그아웃 (operator.signed_out)", "보존 지정 (hold.placed)"} <= done
    assert not any("agent.enrolled" in one for one in done)


def test_the_register_of_provision_has_its_columns_and_takes_a_provision_once_there_is_one(hub: hubs.Hub) -> None:
    recorded.fill(hub)
    empty = read(hub, "a")
    assert (len(empty.columns), empty.rows) == (9, ())
    assert "해당 없음" in register_forms.as_html(empty)
    entry = entries.Entry(
        hub.clock(), "provision", entries.HUB, entries.Subject("media", "1"), purpose="investigation", legal_basis="18-2-7",
        details={"recipient": "112"},
    )  # fmt: skip
    with hub.database.writing() as session:
        ledger.append(session, entry)
    (row,) = read(hub, "a").rows
    assert (row[2], row[3], row[4]) == ("112", "investigation", "18-2-7")


def test_a_month_is_one_of_korean_time(hub: hubs.Hub) -> None:
    look(hub, "before", datetime(2026, 1, 31, 14, 59, 59, tzinfo=UTC))
    look(hub, "first", datetime(2026, 1, 31, 15, tzinfo=UTC))
    look(hub, "last", datetime(2026, 2, 28, 14, 59, 59, tzinfo=UTC))
    look(hub, "after", datetime(2026, 2, 28, 15, tzinfo=UTC))
    rows = read(hub, "b", "2026-02").rows
    assert [(row[2], row[6]) for row in rows] == [
        ("2026-02-01 00:00:00", "first (crime_response)"),
        ("2026-02-28 23:59:59", "last (crime_response)"),
    ]
    assert registers.month_of("2026-12")[1] == datetime(2026, 12, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-1", "1999-01", "2026-01-01", "２０26-01"])
def test_what_is_no_month_is_refused(hub: hubs.Hub, month: str) -> None:
    with hub.database.reading() as session, pytest.raises(errors.Unprocessable):
        registers.read(session, viewing.viewer("admin"), "c", month)


@pytest.mark.parametrize("role", ["operator", "visitor", ""])
def test_who_does_not_read_registers_is_refused(hub: hubs.Hub, role: str) -> None:
    with pytest.raises(errors.Refused):
        read(hub, "c", role=role)


@pytest.mark.parametrize("why", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "  =1"])
def test_what_somebody_wrote_is_no_formula(hub: hubs.Hub, why: str) -> None:
    look(hub, why)
    text = register_forms.as_csv(read(hub, "b"))
    assert text.startswith("\ufeff번호,")
    korean, english, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert (len(korean), english[0]) == (len(english), "No.")
    assert row[6] == f"'{why.strip()} (crime_response)"


def test_a_cell_with_commas_quotes_and_lines_stays_one_cell(hub: hubs.Hub) -> None:
    look(hub, 'a, "b"\nc')
    rows = list(csv.reader(io.StringIO(register_forms.as_csv(read(hub, "b")), newline="")))
    assert rows[2][6] == 'a, "b"\nc (crime_response)'


def test_what_somebody_wrote_is_no_markup(hub: hubs.Hub) -> None:
    look(hub, "<script>alert('1')</script>&\"")
    page = register_forms.as_html(read(hub, "b"))
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&amp;&quot;" in page
    assert '<html lang="ko">' in page
    assert "<th>목적·사유<small>purpose</small></th>" in page
