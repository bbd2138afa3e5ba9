"""Oversight: the month's review is opened once and signed once, by somebody who may."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub import errors
from sharing_hub import hub as hubs
from sharing_hub.domain import default_district, misuse
from sharing_hub.services import looks, oversight, public_page, statistics
from sharing_hub.store import ledger_tables
from tests.support import hub_site, viewing

KIM = viewing.viewer("privacy_officer", "Kim")
LIMITS = misuse.Limits(repeated_in_a_day=3)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        for _ in range(3):
            subject = looks.Subject("live", "gate", "gate")
            looks.look(hub.database, hub.access, viewing.viewer(), subject, looks.Reason("curious", "::1"), hub.clock())
        yield hub


def next_month(hub: hubs.Hub) -> datetime:
    return hub.clock() + timedelta(days=31)


def opened(hub: hubs.Hub) -> str:
    with hub.database.writing() as session:
        month = oversight.open_due(session, LIMITS, next_month(hub))
    assert month is not None
    return month


def test_a_month_is_opened_once_when_it_is_over_with_its_looks_and_cues(hub: hubs.Hub) -> None:
    month = opened(hub)
    with hub.database.writing() as session:
        assert oversight.open_due(session, LIMITS, next_month(hub)) is None
        (row,) = oversight.reviews(session, KIM)
        assert (row.month, row.looks, row.cues) == (month, 3, 1)
        (cue,) = oversight.cues(session, KIM, month, LIMITS)
        assert (cue.kind, cue.name, cue.camera_id) == ("repeated", "kim", "gate")


def test_a_month_before_the_hub_began_needs_no_review(hub: hubs.Hub) -> None:
    with hub.database.writing() as session:
        assert oversight.open_due(session, LIMITS, hub.clock()) is None


def test_it_is_signed_once_with_words_by_somebody_who_may(hub: hubs.Hub) -> None:
    month = opened(hub)
    with hub.database.writing() as session:
        for role in ("operator", "auditor", "partner"):
            with pytest.raises(errors.Refused):
                oversight.sign(session, viewing.viewer(role), month, "all good", hub.clock())
        with pytest.raises(errors.Unprocessable):
            oversight.sign(session, KIM, month, " ", hub.clock())
        with pytest.raises(errors.NotFound):
            oversight.sign(session, KIM, "2001-01", "all good", hub.clock())
        assert oversight.sign(session, KIM, month, "asked; a training", hub.clock()).signed_by_name == "Kim"
        with pytest.raises(errors.Conflict, match="Kim"):
            oversight.sign(session, KIM, month, "again", hub.clock())
        table = ledger_tables.Entry
        found = session.scalars(
            sa.select(table.action).where(table.action.like("review.%")).order_by(table.index)
        ).all()
        assert found == ["review.opened", "review.signed"]


def test_an_operator_reads_neither_cues_nor_reviews(hub: hubs.Hub) -> None:
    with hub.database.reading() as session:
        with pytest.raises(errors.Refused):
            oversight.cues(session, viewing.viewer(), "2026-11", LIMITS)
        with pytest.raises(errors.Refused):
            oversight.reviews(session, viewing.viewer("partner", "p", "fire-119"))


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), "2026-12"),
        (datetime(2026, 12, 31, 14, 59, tzinfo=UTC), "2026-11"),
        (datetime(2026, 3, 15, tzinfo=UTC), "2026-02"),
    ],
)
def test_a_month_ends_at_midnight_in_korea(now: datetime, month: str) -> None:
    assert oversight.last_month(now) == month


def test_public_figures_hide_small_counts_and_name_nobody(hub: hubs.Hub) -> None:
    with hub.database.reading() as session:
        figures = statistics.of_month(session, f"{hub.clock():%Y-%m}")
    assert figures.looks == {"permit": "<5"}
    assert "kim" not in str(figures)


def test_the_public_page_names_kinds_in_both_languages_and_an_unknown_one_by_its_code() -> None:
    figures = statistics.Figures("2026-10", {}, {}, {"fire": "12", "made_up": "7"}, "19")
    page = public_page.render(default_district.make(), [], [figures], 30)
    assert "<td>화재 (Fire)</td><td>12</td>" in page
    assert "<td>made_up</td><td>7</td>" in page


def test_the_public_page_escapes_what_somebody_wrote(hub: hubs.Hub) -> None:
    camera = statistics.PublicCamera("c", "<script>alert(1)</script>", "a", "district", ("crime_prevention",))
    page = public_page.render(default_district.make(), [camera], [], 30)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
