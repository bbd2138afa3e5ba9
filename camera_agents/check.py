"""Verifies an agent's durable state: identity, outbox, media, recordings. It reads, changes nothing, and can run beside the agent.

A finding is something that should not be, whatever was killed when; what was given up (parked) is told beside it, and is no finding.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pydantic

from camera_agents import errors
from camera_agents.sending import identity, media_sender, outbox, outbox_store
from sharing_hub.wire import v1

OUTBOX_FILE = "outbox.db"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be: where, what, and what to do about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


def run(state_dir: Path, out: TextIO, more: Iterable[Callable[[], Iterable[Finding]]] = ()) -> int:
    """Check everything, print the findings and what was given up, and return the exit code: 0 when there are no findings.

    Args:
        more: checks of other parts (recordings), run after these.
    """
    found = 0
    for part in (lambda: check_identity(state_dir), lambda: check_outbox(state_dir), *more):
        for finding in part():
            out.write(f"{finding}\n")
            found += 1
    for line in given_up(state_dir):
        out.write(f"note: {line}\n")
    out.write(f"{found} finding{'s' if found != 1 else ''} in {state_dir}\n")
    return 1 if found else 0


def check_identity(state_dir: Path) -> Iterator[Finding]:
    """Find what is wrong with the key and the record of enrolment."""
    try:
        identity.Identity.load(state_dir)
    except errors.NotEnrolled as e:
        yield Finding("identity", "this agent is not enrolled", str(e))
    except errors.IdentityError as e:
        yield Finding("identity", str(e), "No event can be sent until this is mended")


def check_outbox(state_dir: Path) -> Iterator[Finding]:
    """Find what is wrong with the outbox and with the media that it still has to send."""
    path = state_dir / OUTBOX_FILE
    if not path.exists():
        return
    try:
        store = outbox_store.Store(path)
    except errors.OutboxError as e:
        yield Finding(OUTBOX_FILE, str(e), "Restore it from a copy of the disk, or move it aside and keep it")
        return
    try:
        yield from _check_rows(store)
        yield from _check_media(store, _identity(state_dir), state_dir)
    except errors.OutboxError as e:
        yield Finding(OUTBOX_FILE, str(e), "Move it aside and keep it: what it held may be read out with sqlite3")
    finally:
        store.close()


def given_up(state_dir: Path) -> Iterator[str]:
    """Tell what was parked and why."""
    path = state_dir / OUTBOX_FILE
    if not path.exists():
        return
    try:
        store = outbox_store.Store(path)
    except errors.OutboxError:
        return
    try:
        for name, reasons in outbox.parked(store).items():
            for reason, count in reasons.items():
                yield f"{count} {name} given up: {reason}"
    finally:
        store.close()


def _check_rows(store: outbox_store.Store) -> Iterator[Finding]:
    for (text,) in store.rows("PRAGMA integrity_check"):
        if text != "ok":
            yield Finding(OUTBOX_FILE, f"the file is damaged ({text})", "Restore it from a copy of the disk")
    for table, message in (("events", v1.EventReport), ("endings", v1.EventEnd), ("media", v1.SignedManifest)):
        for seq, body in store.rows(f"SELECT seq, body FROM {table} WHERE state = 'pending'"):  # noqa: S608
            try:
                message.model_validate_json(body)
            except pydantic.ValidationError as e:
                yield Finding(f"{OUTBOX_FILE} {table} {seq}", f"cannot be read ({e.error_count()} errors)", "Report it")


def _check_media(store: outbox_store.Store, me: identity.Identity | None, state_dir: Path) -> Iterator[Finding]:
    for body, kept in store.rows("SELECT body, path FROM media WHERE state = 'pending'"):
        try:
            signed = v1.SignedManifest.model_validate_json(body)
        except pydantic.ValidationError:
            continue  # found above
        path = state_dir / kept
        where = f"media {signed.manifest.media_id}"
        if not path.exists():
            yield Finding(where, f"{path} is missing", "The file is lost unless a copy of the disk has it")
        elif not media_sender.is_whole(path, signed.manifest.sha256):
            yield Finding(
                where, f"{path} does not have its hash", "The disk or somebody altered it; it will not be sent"
            )
        if me is not None and not me.verifies(signed):
            yield Finding(
                where, "the signature is not this agent's", "Was the identity replaced? The hub will refuse it"
            )
    yield from _check_settled(store, state_dir)


def _check_settled(store: outbox_store.Store, state_dir: Path) -> Iterator[Finding]:
    """Find delivered files that are still kept and were altered; one that is gone is no finding (a kill while tidying)."""
    query = "SELECT DISTINCT sha256, path FROM media WHERE state != 'pending' AND file_removed = 0"
    for sha256, kept in store.rows(query):
        path = state_dir / kept
        if path.exists() and not media_sender.is_whole(path, sha256):
            yield Finding(f"media file {kept}", "does not have its hash", "The hub has the true file; this one may go")


def _identity(state_dir: Path) -> identity.Identity | None:
    try:
        return identity.Identity.load(state_dir)
    except errors.IdentityError:
        return None
