"""The hub's parts, held together: what a request or a job is given to work with.

Invariant: one hub works on a data folder at a time (a lock on `hub.lock`).
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from sharing_hub import bus as buses
from sharing_hub import counters, errors, ledger_key, settings, webhook_key
from sharing_hub.domain import ledger as entries
from sharing_hub.domain import rules
from sharing_hub.gateway import peers
from sharing_hub.policy import engine, loading
from sharing_hub.services import access, book, endpoints, ingest, ledger, standing
from sharing_hub.store import blobs, database, schema, writer
from sharing_hub.wire import v1

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
IngestWriter = writer.GroupWriter[ingest.Delivery, v1.BatchReply]


@dataclass(frozen=True, slots=True)
class Hub:
    """The parts.

    Attributes:
        clock: aware UTC now.
        rules: the district's rule for every event kind.
        ingest: the writer of events; the application starts and stops it.
        access: decides who may look at what.
        ledger_key: signs the ledger's checkpoints.
        webhook_key: signs what agencies' systems are told.
        peers: the other hubs that the settings name.
        opened_at: since when agents can be heard here.
    """

    settings: settings.Settings
    database: database.Database
    blobs: blobs.BlobStore
    bus: buses.Bus
    counters: counters.Counters
    rules: rules.Rules
    clock: Clock
    ingest: IngestWriter
    access: access.Access
    ledger_key: ledger_key.LedgerKey
    webhook_key: webhook_key.WebhookKey
    peers: peers.Peers
    opened_at: datetime


@contextmanager
def opened(chosen: settings.Settings, clock: Clock) -> Iterator[Hub]:
    """Open the data folder for a running hub: lock it, bring the schema up to date.

    Raises:
        StoreError: another hub works on it, or it cannot be used.
        PolicyError: the access policies cannot be used.
    """
    policies = loading.load(chosen.policy.folder)
    make_folder(chosen)
    with _locked(chosen):
        bus, known = buses.LocalBus(), standing.Standing()

        def publish(topic: database.Topic, key: str) -> None:
            known.hear(topic, key)
            bus.publish(topic, key)

        db = database.Database(chosen.database_path, publish)
        try:
            schema.upgrade(db)
            key = ledger_key.prepare(chosen.data_dir)
            try:
                begin_ledger(chosen, db, clock(), key.public.text(), policies)
            except (
                errors.StoreError
            ) as e:  # events still flow; what must be recorded is refused, each time with these words
                log.error("nothing can be put on record", error=e.detail)
            yield _assembled(chosen, db, bus, clock, key, policies, known)
        finally:
            db.close()


@contextmanager
def database_beside(chosen: settings.Settings) -> Iterator[database.Database]:
    """Open the database for a command, beside a hub that may be running.

    Raises:
        StoreError: there is none, or its schema is not this version's.
    """
    if not chosen.database_path.exists():
        raise errors.StoreError(
            f"{chosen.data_dir}: holds no hub's data yet; start the hub once, or run `jikimi-hub migrate`"
        )
    db = database.Database(chosen.database_path)
    try:
        database.require_current(db, schema.revision(db), schema.head())
        yield db
    finally:
        db.close()


def begin_ledger(
    chosen: settings.Settings, db: database.Database, now: datetime, key: str, policies: loading.Policies
) -> None:
    """Begin the ledger where there is none, and record its key and the settings that decide what is kept and shown, where they changed.

    Raises:
        StoreError: the ledger was changed by hand.
    """
    kept, login = chosen.media, chosen.login
    values: dict[str, entries.Detail] = {
        "login.attempts_per_minute": login.attempts_per_minute,
        "login.idle_minutes": str(login.idle_minutes),
        "login.session_hours": str(login.session_hours),
        "media.keep_days": kept.keep_days,
        "media.looks_keep_days": kept.looks_keep_days,
        "access.second_factor": chosen.access.second_factor,
        "access.training": chosen.access.training,
        "policy.sha256": policies.digest,
        "policy.changed": ",".join(policies.changed),
    }
    for kind, change in chosen.rules.items():
        values |= {f"rules.{kind}.severity": change.severity, f"rules.{kind}.alarm": change.alarm}
    if chosen.city_login.issuer:
        values["city_login.issuer"] = chosen.city_login.issuer
        for group, place in chosen.city_login.groups.items():
            values[f"city_login.groups.{group}"] = f"{place.agency} {place.role} {place.unit}".strip()
    for peer in chosen.peers:
        values[f"peers.{peer.agency}"] = peer.url
    with db.writing() as session:
        ledger.begin(session, now)
        ledger.note_key(session, key, now)
        values["book.first_sha256"] = book.begin(session, now)
        ledger.note_settings(session, values, now)
        endpoints.follow_peers(session, {peer.agency: peer.url for peer in chosen.peers}, now)


def make_folder(chosen: settings.Settings) -> None:
    """Make the data folder, readable by its owner only.

    Raises:
        StoreError: it cannot be made or written.
    """
    try:
        chosen.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise errors.StoreError(f"{chosen.data_dir}: cannot be made ({e.strerror}); choose another data_dir") from e
    if not os.access(chosen.data_dir, os.W_OK):
        raise errors.StoreError(f"{chosen.data_dir}: cannot be written; give it to the user that runs the hub")


def rules_of(chosen: settings.Settings) -> rules.Rules:
    """Return the rules with the district's changes.

    Raises:
        SettingsError: a change names a kind that does not exist.
    """
    changed = dict(rules.DEFAULT_RULES)
    for kind, change in chosen.rules.items():
        if kind not in changed:
            raise errors.SettingsError(f"[rules.{kind}]: unknown event kind; known: {', '.join(sorted(changed))}")
        base = changed[kind]
        severity = base.severity if change.severity is None else change.severity
        alarm = base.raises_alarm if change.alarm is None else change.alarm
        changed[kind] = rules.Rule(kind, base.category, severity, alarm)
    return changed


def access_of(chosen: settings.Settings, policies: loading.Policies) -> access.Access:
    """Return what decides who may look at what."""
    asks = chosen.access
    return access.Access(engine.Engine(policies), rules_of(chosen), asks.second_factor, asks.training)


def _assembled(
    chosen: settings.Settings, db: database.Database, bus: buses.Bus, clock: Clock, key: ledger_key.LedgerKey,
    policies: loading.Policies, known: standing.Standing,
) -> Hub:  # fmt: skip
    counted, rule_of, bounds = counters.Counters(), rules_of(chosen), chosen.ingest
    store = ingest.Ingest(rule_of, counted, known).store
    taker: IngestWriter = writer.GroupWriter(db, store, bounds.queue, bounds.group, bounds.linger_ms / 1000)
    return Hub(
        chosen,
        db,
        blobs.FolderBlobs(chosen.media_dir),
        bus,
        counted,
        rule_of,
        clock,
        taker,
        access_of(chosen, policies),
        key,
        webhook_key.prepare(chosen.data_dir),
        peers.of(chosen, clock),
        clock(),
    )


@contextmanager
def _locked(chosen: settings.Settings) -> Iterator[None]:
    with (chosen.data_dir / "hub.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise errors.StoreError(
                f"{chosen.data_dir}: another hub is running on this folder; stop it or choose another data_dir"
            ) from e
        yield
