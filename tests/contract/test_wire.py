"""Wire v1 as it was promised: the golden messages read as they did, write as they did, and nothing else is taken.

The files under golden/ are never edited: a change that breaks one breaks agents in the field, and is a new wire version.
`python -m tests.contract.golden_messages` writes the file of a message that is new.
"""

import json
from pathlib import Path
from typing import Any

import pydantic
import pytest

from detection import types
from sharing_hub.wire import framing, v1
from tests.contract import golden_messages

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))


def read(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes()


def parse(name: str, text: bytes | str) -> Any:
    kind = golden_messages.MESSAGES[name]
    adapter = kind if isinstance(kind, pydantic.TypeAdapter) else pydantic.TypeAdapter(kind)
    return adapter.validate_json(text)


def test_every_message_has_a_golden_file() -> None:
    assert sorted(golden_messages.MESSAGES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_message_is_read_and_written_byte_for_byte(name: str) -> None:
    message = parse(name, read(name))
    assert message.model_dump_json().encode() == read(name).strip()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "problem"])
def test_an_unknown_field_is_refused(name: str) -> None:
    body = {**json.loads(read(name)), "surprise": 1}
    with pytest.raises(pydantic.ValidationError, match="surprise"):
        parse(name, json.dumps(body))


@pytest.mark.parametrize("name", NAMES)
def test_a_message_without_one_of_its_required_fields_is_refused(name: str) -> None:
    kind = golden_messages.MESSAGES[name]
    if isinstance(kind, pydantic.TypeAdapter):
        kind = type(parse(name, read(name)))
    body = json.loads(read(name))
    for field, info in kind.model_fields.items():
        if info.is_required():
            with pytest.raises(pydantic.ValidationError):
                parse(name, json.dumps({key: value for key, value in body.items() if key != (info.alias or field)}))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("event_report", ["raised_at"], "2026-07-01T12:00:02"),  # no offset
        ("event_report", ["score"], 1.5),
        ("event_report", ["score"], "NaN"),
        ("event_report", ["kind"], "earthquake"),
        ("event_report", ["camera_id"], "Gate 1"),
        ("event_report", ["schema"], "jikimi.event/2"),
        ("event_report", ["explanation", "box"], [0.1, 0.2, 0.3]),
        ("event_report", ["explanation", "zone", "points"], [[0.1, 0.2]]),
        ("event_report", ["explanation", "settings_sha256"], "abc"),
        ("event_report", ["look_interval_s"], 0),
        ("signed_manifest", ["manifest", "length_bytes"], 0),
        ("signed_manifest", ["manifest", "length_bytes"], v1.MAX_MEDIA_BYTES + 1),
        ("signed_manifest", ["manifest", "request_id"], "00000000-0000-4000-8000-000000000009"),  # beside event_id
        ("signed_manifest", ["manifest", "event_id"], None),
        ("signed_manifest", ["manifest", "ends_at"], "2026-07-01T02:00:00Z"),  # before starts_at
        ("signed_manifest", ["manifest", "mime"], "text/html"),
        ("signed_manifest", ["signature"], "short"),
        ("upload_status", ["offset_bytes"], -1),
        ("enrolment_request", ["public_key"], "A" * 42),
        ("enrolment_request", ["secret"], "short"),
        ("heartbeat", ["backlog", "events"], -1),
        ("heartbeat", ["health", 0, "state"], "asleep"),
        ("live_start", ["type"], "live_begin"),
    ],
)
def test_a_value_out_of_bounds_is_refused(name: str, path: list[str | int], value: object) -> None:
    body = json.loads(read(name))
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(pydantic.ValidationError):
        parse(name, json.dumps(body))


def test_a_batch_holds_no_more_than_it_may() -> None:
    end = json.loads(read("event_end"))
    with pytest.raises(pydantic.ValidationError, match="500"):
        v1.EventBatch.model_validate_json(json.dumps({"endings": [end] * 501}))


def test_the_signature_covers_bytes_that_never_change() -> None:
    signed = v1.SignedManifest.model_validate_json(read("signed_manifest"))
    assert signed.manifest.signed_bytes() == (GOLDEN / "signed_bytes.bin").read_bytes()


def test_the_kept_signature_is_of_the_kept_key() -> None:
    me = golden_messages.agent()
    signed = v1.SignedManifest.model_validate_json(read("signed_manifest"))
    assert me.verifies(signed)
    assert me.sign(signed.manifest) == signed


def test_an_enrolment_token_is_one_line_that_reads_back() -> None:
    text = (GOLDEN / "enrolment_token.txt").read_text().strip()
    token = v1.EnrolmentToken.parse(text)
    assert token == golden_messages.TOKEN
    assert token.text() == text


@pytest.mark.parametrize("text", ["", "jk1.", "jk2.eyJ9", "jk1.####", "jk1.e30", "jk1." + "A" * 41, "jk1.é"])
def test_a_damaged_enrolment_token_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="token"):
        v1.EnrolmentToken.parse(text)


def test_a_kept_frame_of_the_channel_is_read_and_written_byte_for_byte() -> None:
    frame = (GOLDEN / "access_unit.bin").read_bytes()
    assert framing.unpack(frame) == golden_messages.UNIT
    assert framing.pack(golden_messages.UNIT) == frame


def test_detection_raises_only_kinds_that_the_wire_knows() -> None:
    assert {str(kind) for kind in types.Kind} <= set(v1.KINDS)
