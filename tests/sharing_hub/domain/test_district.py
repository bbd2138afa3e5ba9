"""The district's book: what every version of it keeps, whoever writes it."""

import dataclasses

import pytest

from sharing_hub.domain import default_district
from sharing_hub.domain.district import Agency, CameraFacts, Notice

BOOK = default_district.make()


def test_the_first_book_tells_119_of_a_confirmed_fire_and_112_only_by_a_copy() -> None:
    told = {notice.agency_id: notice.when for notice in BOOK.notices("fire")}
    assert told == {"police-112": "copy", "fire-119": "confirmed", "disaster-room": "copy"}


def test_nobody_is_told_of_loitering_or_of_a_cameras_health_by_itself() -> None:
    assert BOOK.notices("loitering") == BOOK.notices("offline") == ()


@pytest.mark.parametrize("code", ["18-2-7", "18-2-8", "18-2-9"])
def test_an_official_letter_belongs_to_investigation_court_and_sentence(code: str) -> None:
    basis = BOOK.legal_basis(code)
    assert basis is not None
    assert basis.needs_letter


def test_a_camera_that_is_not_in_the_book_belongs_to_the_district() -> None:
    assert BOOK.camera("gate-7").owner == "district"


def test_what_is_known_of_a_camera_follows_a_change_of_the_book() -> None:
    first = dataclasses.replace(BOOK, cameras=(CameraFacts("gate-7", owner="facility"), CameraFacts("gate-8")))
    changed = dataclasses.replace(first, cameras=(CameraFacts("gate-7", sensitivity="school"),))
    assert (first.camera("gate-7").owner, changed.camera("gate-7").owner) == ("facility", "district")
    assert changed.camera("gate-7").sensitivity == "school"


def test_an_agency_that_was_made_inactive_is_found_no_more() -> None:
    quiet = dataclasses.replace(
        BOOK, agencies=(*BOOK.agencies[:-1], dataclasses.replace(BOOK.agencies[-1], active=False))
    )
    assert quiet.agency(BOOK.agencies[-1].agency_id) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"agencies": (*BOOK.agencies, BOOK.agencies[0])}, "two of the agency 'district'"),
        ({"agencies": BOOK.agencies[1:]}, "needs the agency 'district'"),
        ({"matrix": (Notice("fire", "nobody", "auto"),)}, "names the agency 'nobody'"),
        ({"matrix": (Notice("fire", "fire-119", "auto", purpose="fun"),)}, "names the purpose 'fun'"),
        ({"matrix": (Notice("fire", "fire-119", "auto", legal_basis="0"),)}, "names the legal basis '0'"),
        ({"matrix": (*BOOK.matrix, BOOK.matrix[0])}, "two of the cell"),
        ({"cameras": (CameraFacts("a", owner="nobody"),)}, "names the agency 'nobody'"),
        ({"cameras": (CameraFacts("a", purposes=("fun",)),)}, "names the camera purpose 'fun'"),
        ({"agencies": (*BOOK.agencies, Agency("", "police", "", ""))}, "has no code"),
    ],
)
def test_a_book_that_contradicts_itself_is_refused_with_the_place(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(BOOK, **change)  # type: ignore[arg-type]
