"""CAP 1.2: what is written keeps its rules, and what is read touches neither entities nor the network."""

import dataclasses
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sharing_hub.domain import messages
from sharing_hub.gateway import cap

NOON = datetime(2026, 11, 28, 12, 0, 0, 123456, tzinfo=UTC)
FIRE = messages.Message(
    UUID(int=1), 1, UUID(int=1), NOON, "opened", "fire-119", UUID(int=9), "fire", "fire", 1, "confirmed", True, NOON, NOON, "lawn",
    "잔디밭", 37.5, 127.0, None, 3, "still_and_live", "emergency_response", "18-2-3",
)  # fmt: skip
URL = "https://hub.example.kr"


def text_of(body: bytes, name: str) -> str | None:
    return cap.read(body).findtext(f".//{{{cap.NAMESPACE}}}{name}")


def test_an_alert_keeps_the_rules_and_has_its_time_with_an_offset() -> None:
    body = cap.write(FIRE, "hub.example.kr", URL)
    assert cap.faults(body) == []
    assert text_of(body, "sent") == "2026-11-28T21:00:00+09:00"
    assert (text_of(body, "msgType"), text_of(body, "status"), text_of(body, "category")) == ("Alert", "Actual", "Fire")
    assert text_of(body, "circle") == "37.500000,127.000000 0.05"


@pytest.mark.parametrize(("occasion", "kind"), [("update", "Update"), ("cancel", "Cancel")])
def test_an_update_and_a_cancel_name_the_alert_they_go_on_from(occasion: messages.Occasion, kind: str) -> None:
    later = dataclasses.replace(FIRE, message_id=UUID(int=2), number=2, occasion=occasion)
    body = cap.write(later, "hub.example.kr", URL)
    assert cap.faults(body) == []
    assert text_of(body, "msgType") == kind
    assert text_of(body, "references") == f"hub.example.kr,{UUID(int=1)},2026-11-28T21:00:00+09:00"


def test_the_demo_s_alerts_are_an_exercise() -> None:
    assert text_of(cap.write(dataclasses.replace(FIRE, exercise=True), "hub", URL), "status") == "Exercise"


@given(st.text(max_size=60), st.sampled_from([1, 2, 3]), st.one_of(st.none(), st.floats(-90, 90)), st.text(max_size=40))
def test_whatever_a_camera_or_case_is_called_the_alert_keeps_the_rules(
    name: str, severity: int, latitude: float | None, case: str
) -> None:
    odd = dataclasses.replace(
        FIRE, camera_name=name, severity=severity, latitude=latitude, longitude=latitude, case_number=case, note=case
    )
    assert cap.faults(cap.write(odd, "hub", URL)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("+09:00</sent>", "Z</sent>", "sent"),
        ("<msgType>Alert", "<msgType>Update", "references"),
        ("<scope>Private", "<scope>Secret", "scope"),
        ("<addresses>fire-119</addresses>", "", "addresses"),
        ("<urgency>Immediate", "<urgency>Now", "urgency"),
        ("<circle>37.500000,", "<circle>north,", "circle"),
        ("<areaDesc>잔디밭</areaDesc>", "", "areaDesc"),
        ("<status>Actual</status>", "<status>Actual</status><colour>red</colour>", "no element"),
    ],
)
def test_a_broken_rule_is_named(old: str, new: str, words: str) -> None:
    text = cap.write(FIRE, "hub", URL).decode()
    assert old in text
    assert any(words in fault for fault in cap.faults(text.replace(old, new).encode()))


def test_elements_in_another_order_are_named() -> None:
    alert = cap.read(cap.write(FIRE, "hub", URL))
    alert.append(alert[0])
    assert any("order" in fault for fault in cap.faults(etree.tostring(alert)))


def test_a_document_type_with_entities_is_refused() -> None:
    evil = f'<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert xmlns="{cap.NAMESPACE}"><note>&x;</note></alert>'
    with pytest.raises(ValueError, match="document type"):
        cap.read(evil.encode())


def test_a_bomb_of_entities_and_a_giant_are_refused() -> None:
    bomb = (
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY a{i} "{f"&a{i - 1 if i else str()};" * 10}">' for i in range(9))
        + "]><a>&a8;</a>"
    )
    with pytest.raises(ValueError):
        cap.read(bomb.encode())
    with pytest.raises(ValueError, match="at most"):
        cap.read(b" " * (cap.MAX_BYTES + 1))
