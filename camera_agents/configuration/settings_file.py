"""Reads agent.toml. A file that is refused is refused with all its faults at once, each with its line and what to write instead."""

import difflib
import os
import re
import tomllib
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import pydantic

from camera_agents import errors
from camera_agents.configuration import settings, settings_form, toml_lines
from detection import calibration, hours, profile, types
from detection import errors as detection_errors

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_TABLES: dict[str, type[settings_form.Table]] = {
    "agent": settings_form.AgentTable,
    "hub": settings_form.HubTable,
    "disk": settings_form.DiskTable,
    "clip": settings_form.ClipTable,
    "detector": settings_form.DetectorTable,
}
T = TypeVar("T", bound=settings_form.Table)


@dataclass(slots=True)
class _Faults:
    """Collects what is wrong."""

    path: Path
    lines: Mapping[toml_lines.Path, int]
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, where: toml_lines.Path, problem: str) -> None:
        """Note a fault at the line of `where`."""
        self.found.append((toml_lines.nearest(self.lines, where), problem))

    def messages(self) -> tuple[str, ...]:
        """Return one line for each fault, in the file's order."""
        return tuple(f"{self.path}:{line}: {problem}" for line, problem in sorted(self.found))


def load(path: Path, environment: Mapping[str, str] = os.environ) -> settings.Agent:
    """Read the configuration.

    Args:
        path: agent.toml; relative paths in it are relative to its folder.
        environment: where ${NAME} is looked up.

    Raises:
        SettingsError: every fault in it.
    """
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError as e:
        raise errors.SettingsError((f"{path}: there is no such file; begin with a copy of agent.example.toml",)) from e
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise errors.SettingsError((f"{path}: {e}",)) from e
    faults = _Faults(path, toml_lines.find(text))
    made = _Reader(faults, environment, path.parent).agent(raw)
    if made is None or faults.found:
        raise errors.SettingsError(faults.messages())
    return made


class _Reader:
    """Turns tables into values, noting faults as it goes."""

    def __init__(self, faults: _Faults, environment: Mapping[str, str], folder: Path) -> None:
        self._faults = faults
        self._environment = environment
        self._folder = folder
        self._time_zone: zoneinfo.ZoneInfo | None = None

    def agent(self, raw: Mapping[str, Any]) -> settings.Agent | None:
        """Return everything, or None when a needed part is missing or wrong."""
        for name in raw.keys() - _TABLES.keys() - {"camera"}:
            self._faults.add((name,), f"unknown table {name!r}{_did_you_mean(name, [*_TABLES, 'camera'])}")
        agent = self._table(settings_form.AgentTable, raw.get("agent", {}), ("agent",))
        hub = self._table(settings_form.HubTable, raw.get("hub", {}), ("hub",))
        disk = self._table(settings_form.DiskTable, raw.get("disk", {}), ("disk",))
        clip = self._table(settings_form.ClipTable, raw.get("clip", {}), ("clip",))
        detector = self._table(settings_form.DetectorTable, raw.get("detector", {}), ("detector",))
        self._time_zone = self._zone_info(agent.time_zone) if agent is not None else None
        cameras = self._cameras(raw.get("camera", []))
        if agent is None or hub is None or disk is None or clip is None or detector is None:
            return None
        if not disk.stop_free_gib <= disk.min_free_gib <= disk.warn_free_gib:
            self._faults.add(("disk",), "write stop_free_gib <= min_free_gib <= warn_free_gib")
        return settings.Agent(
            site=agent.site,
            state_dir=self._folder / agent.state_dir,
            cameras=cameras,
            disk=settings.Disk(
                *(int(gib * settings.GIB) for gib in (disk.warn_free_gib, disk.min_free_gib, disk.stop_free_gib))
            ),
            clips=settings.Clips(clip.before_s, clip.after_s),
            detector=settings.Detector(
                self._folder / detector.models_dir if detector.models_dir else None, detector.model, detector.workers
            ),
            heartbeat_s=hub.heartbeat_s,
            log_level=agent.log_level,
        )

    def _cameras(self, raw: Any) -> tuple[settings.Camera, ...]:
        if not isinstance(raw, list) or not raw:
            self._faults.add(("camera",), "no camera: write a [[camera]] table with id, name and url")
            return ()
        made: list[settings.Camera] = []
        seen: set[str] = set()
        for i, table in enumerate(raw):
            camera = self._camera(table, ("camera", i)) if isinstance(table, dict) else None
            if camera is None:
                continue
            if camera.camera_id in seen:
                self._faults.add(
                    ("camera", i, "id"), f"id {camera.camera_id!r} is used twice: give each camera its own"
                )
            seen.add(camera.camera_id)
            made.append(camera)
        return tuple(made)

    def _camera(self, raw: Mapping[str, Any], where: toml_lines.Path) -> settings.Camera | None:
        own = {name: value for name, value in raw.items() if name not in settings_form.TUNING}
        table = self._table(settings_form.CameraTable, own, where, extra=tuple(settings_form.TUNING))
        tuning = {name: self._tuning(name, raw[name], (*where, name)) for name in settings_form.TUNING if name in raw}
        if table is None:
            return None
        watched = self._profile(table, tuning, where)
        password = self._password(table, where)
        main = self._source(table, table.url, password, (*where, "url"))
        sub = self._source(table, table.sub_url, password, (*where, "sub_url")) if table.sub_url else None
        if watched is None or main is None:
            return None
        keep = settings.Keep(table.recording.days * 86_400, int(table.recording.max_gib * settings.GIB))
        return settings.Camera(
            camera_id=table.id,
            name=table.name,
            main=main,
            sub=sub,
            recording=settings.Recording(table.recording.on, keep if table.recording.on else settings.SPOOL),
            profile=watched,
            latitude=table.latitude,
            longitude=table.longitude,
            time_zone=self._time_zone,
        )

    def _profile(
        self, table: settings_form.CameraTable, tuning: Mapping[str, Any], where: toml_lines.Path
    ) -> profile.CameraProfile | None:
        rules = [self._rule(zone, (*where, "zone", i)) for i, zone in enumerate(table.zone)]
        drawn = tuple(rule for rule in rules if rule is not None)
        measured = self._calibration(table.calibration, (*where, "calibration"))
        if len(drawn) < len(rules) or None in tuning.values() or (measured is None) != (table.calibration is None):
            return None
        kinds = frozenset(table.kinds) if table.kinds is not None else profile.default_kinds() | {r.kind for r in drawn}
        try:
            active = tuple(
                profile.KindHours(kind, hours.parse(texts, f"active.{kind}")) for kind, texts in table.active.items()
            )
            kinds -= set(table.kinds_off)
            return profile.CameraProfile(kinds, drawn, calibration=measured, active=active, **tuning)
        except profile.ProfileError as e:
            names = [zone.name for zone in table.zone]
            place = ("zone", names.index(e.zone), e.field) if e.zone in names else tuple(e.field.split("."))
            self._faults.add((*where, *place), str(e))
            return None

    def _rule(self, zone: settings_form.ZoneTable, where: toml_lines.Path) -> profile.ZoneRule | None:
        values = zone.model_dump()
        values["kind"] = types.Kind(zone.kind)
        if zone.classes is not None:
            values["classes"] = frozenset(types.ObjectClass[name.upper()] for name in zone.classes)

        def make() -> profile.ZoneRule:
            active = None if zone.active is None else hours.parse(zone.active, "active", zone.name)
            return profile.ZoneRule(**{**values, "active": active})

        made: profile.ZoneRule | None = self._checked(make, where)
        return made

    def _calibration(
        self, table: settings_form.CalibrationTable | None, where: toml_lines.Path
    ) -> calibration.Calibration | None:
        if table is None:
            return None
        values = (table.points, table.width_m, table.length_m)
        made: calibration.Calibration | None = self._checked(lambda: calibration.Calibration(*values), where)
        return made

    def _zone_info(self, name: str) -> zoneinfo.ZoneInfo | None:
        try:
            return zoneinfo.ZoneInfo(name) if name else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            problem = f"this machine knows no time zone {name!r}: write one such as Asia/Seoul, or leave it out for the machine's own"
            self._faults.add(("agent", "time_zone"), problem)
            return None

    def _tuning(self, name: str, raw: Any, where: toml_lines.Path) -> Any:
        table = self._table(settings_form.TUNING_TABLES[name], raw, where)
        if table is None:
            return None
        return self._checked(lambda: settings_form.TUNING[name](**table.model_dump()), where)

    def _checked(self, make: Callable[[], Any], where: toml_lines.Path) -> Any:
        try:
            return make()
        except detection_errors.ProfileError as e:
            self._faults.add((*where, e.field.rpartition(".")[2]), str(e))
            return None

    def _password(self, table: settings_form.CameraTable, where: toml_lines.Path) -> str:
        if table.password_file:
            path = self._folder / table.password_file
            try:
                return path.read_text("utf-8").strip("\r\n")
            except (OSError, UnicodeDecodeError) as e:
                self._faults.add((*where, "password_file"), f"{path} cannot be read: {type(e).__name__}")
        return self._expanded(table.password.get_secret_value(), (*where, "password")) if table.password else ""

    def _source(
        self, table: settings_form.CameraTable, url: pydantic.SecretStr, password: str, where: toml_lines.Path
    ) -> settings.Source | None:
        full = self._expanded(url.get_secret_value(), where)
        try:
            parts = urlsplit(full)
            sound = parts.scheme in ("rtsp", "rtsps") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound:
            problem = "is no camera address: write rtsp://host:554/path (or rtsps://)"
            if _is_cut_password(full):
                problem = (
                    "has a password with / ? or # in it: write %2F %3F or %23 for them, or use user and password_file"
                )
            self._faults.add(where, problem)
            return None
        if table.tls_ca and not (self._folder / table.tls_ca).is_file():
            self._faults.add((*where[:-1], "tls_ca"), f"there is no file {self._folder / table.tls_ca}")
        user = self._expanded(table.user, (*where[:-1], "user"))
        if user and "@" not in parts.netloc:
            parts = parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}")
        ca_file = str(self._folder / table.tls_ca) if table.tls_ca else ""
        return settings.Source(urlunsplit(parts), table.transport, ca_file, table.tls_verify)

    def _expanded(self, text: str, where: toml_lines.Path) -> str:
        def value(found: re.Match[str]) -> str:
            if found[1] not in self._environment:
                self._faults.add(where, f"the environment has no {found[1]}: set it where the agent is started")
            return self._environment.get(found[1], "")

        return _VARIABLE.sub(value, text)

    def _table(self, kind: type[T], raw: Any, where: toml_lines.Path, extra: Sequence[str] = ()) -> T | None:
        try:
            return kind.model_validate(raw)
        except pydantic.ValidationError as e:
            for error in e.errors(include_url=False, include_input=False, include_context=False):
                place = tuple(part for part in error["loc"] if part not in ("tuple", "nullable"))
                self._faults.add((*where, *place), _explain(kind, error["type"], place, error["msg"], extra))
            return None


def _explain(
    kind: type[pydantic.BaseModel], error: str, place: toml_lines.Path, message: str, extra: Sequence[str]
) -> str:
    name = str(place[-1]) if place else ""
    if error == "extra_forbidden":
        inner: type[pydantic.BaseModel] = settings_form.ZoneTable if "zone" in place[:-1] else kind
        inner = settings_form.RecordingTable if "recording" in place[:-1] else inner
        inner = settings_form.CalibrationTable if "calibration" in place[:-1] else inner
        return f"unknown key {name!r}{_did_you_mean(name, [*inner.model_fields, *extra])}"
    if error == "missing":
        return f"{name} is missing: write {name} = ..."
    shown = ".".join(str(part) for part in place)
    return f"{shown}: {message[:1].lower()}{message[1:]}"


def _is_cut_password(url: str) -> bool:
    """Say whether the address seems to end its host within a password: `user:` before the first of / ? #, an @ after it."""
    host, *rest = re.split("[/?#]", url.partition("://")[2], maxsplit=1)
    return "@" not in host and ":" in host and bool(rest) and "@" in rest[0]


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f": did you mean {close[0]!r}?" if close else f": known are {', '.join(sorted(known))}"
