import io
import sqlite3
from pathlib import Path

import pytest

from camera_agents import check
from camera_agents.sending import delivery, identity, mediastore, outbox
from tests.support import agent_state, messages


def outcome(state_dir: Path) -> tuple[int, list[str]]:
    out = io.StringIO()
    return check.run(state_dir, out), out.getvalue().splitlines()


@pytest.fixture
def content(box: outbox.Outbox, store: mediastore.MediaStore, me: identity.Identity) -> bytes:
    """What an agent that works has: an event, a clip to send, a clip that was sent."""
    report = messages.report()
    box.commit_event(report, None)
    agent_state.keep_file(box, store, me, b"to send", event_id=report.event_id)
    sent = agent_state.keep_file(box, store, me, b"was sent")
    delivery.Delivery(box).media_sent(sent.manifest.media_id)
    return b"to send"


def path_of(store: mediastore.MediaStore, content: bytes) -> Path:
    return next(path for path in store.files() if path.read_bytes() == content)


def test_a_sound_state_has_no_findings(tmp_path: Path, content: bytes) -> None:
    assert outcome(tmp_path) == (0, [f"0 findings in {tmp_path}"])


def test_a_site_that_was_never_enrolled_is_told_how(tmp_path: Path) -> None:
    code, lines = outcome(tmp_path)
    assert code == 1
    assert "jikimi-agent enroll" in lines[0]


def test_a_key_that_others_can_read_is_found(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "identity" / "agent.key").chmod(0o640)
    code, lines = outcome(tmp_path)
    assert code == 1
    assert "chmod 600" in lines[0]


def test_a_file_to_send_that_was_altered_is_found(tmp_path: Path, content: bytes, store: mediastore.MediaStore) -> None:
    path_of(store, content).write_bytes(b"altered")
    code, lines = outcome(tmp_path)
    assert code == 1
    assert "does not have its hash" in lines[0]


def test_a_file_to_send_that_is_gone_is_found_and_one_that_was_sent_is_not(
    tmp_path: Path, content: bytes, store: mediastore.MediaStore
) -> None:
    path_of(store, b"was sent").unlink()
    assert outcome(tmp_path)[0] == 0
    path_of(store, content).unlink()
    code, lines = outcome(tmp_path)
    assert code == 1
    assert "is missing" in lines[0]


def test_a_delivered_file_that_was_altered_is_found(
    tmp_path: Path, content: bytes, store: mediastore.MediaStore
) -> None:
    path_of(store, b"was sent").write_bytes(b"altered")
    assert outcome(tmp_path)[0] == 1


def test_a_signature_of_another_key_is_found(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "identity" / "agent.key").unlink()
    identity.make_key(tmp_path / "identity" / "agent.key")
    code, lines = outcome(tmp_path)
    assert code == 1
    assert "signature" in lines[0]


def test_a_damaged_outbox_is_found(tmp_path: Path, content: bytes, box: outbox.Outbox) -> None:
    box.close()
    file = tmp_path / "outbox.db"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    assert outcome(tmp_path)[0] == 1


def test_a_row_that_cannot_be_read_is_found(tmp_path: Path, content: bytes) -> None:
    connection = sqlite3.connect(tmp_path / "outbox.db")
    connection.execute("UPDATE events SET body = '{}'")
    connection.commit()
    connection.close()
    code, lines = outcome(tmp_path)
    assert code == 1
    assert "events 1: cannot be read" in lines[0]


def test_what_was_given_up_is_told_and_is_no_finding(tmp_path: Path, content: bytes, box: outbox.Outbox) -> None:
    request = messages.range_request()
    box.commit_range(request)
    box.fail_plan(request.request_id, "nothing recorded")
    code, lines = outcome(tmp_path)
    assert code == 0
    assert lines[0] == "note: 1 plans given up: nothing recorded"


def test_other_parts_add_their_checks(tmp_path: Path, content: bytes) -> None:
    out = io.StringIO()
    more = [lambda: [check.Finding("recordings", "a segment is damaged", "Nothing to do")]]
    assert check.run(tmp_path, out, more) == 1
    assert out.getvalue().startswith("recordings: a segment is damaged. Nothing to do\n")
