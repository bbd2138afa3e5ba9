"""The hub's settings: one TOML file, refused at start with file, line and remedy when something is wrong with it.

Every field has a description; `python -m sharing_hub settings` prints them as the README's table.
"""

import ipaddress
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import pydantic
from pydantic import BaseModel, Field

from sharing_hub import city_settings, errors, server_settings, settings_part, toml_lines

Days = Annotated[int, Field(ge=1, le=36_500)]


class Ingest(settings_part.Part):
    """How events are taken in."""

    queue: int = Field(256, ge=1, le=10_000, description="Batches that may wait for the writer; more are answered 503.")
    group: int = Field(64, ge=1, le=1000, description="Batches committed in one transaction at most.")
    linger_ms: float = Field(
        5.0,
        ge=0,
        le=100,
        description="How long the writer waits at most for batches to commit together; a lone one never waits.",
    )


class Media(settings_part.Part):
    """The media folder and when it is emptied."""

    keep_days: Days = Field(30, description="Days that media are kept; held media stay.")
    looks_keep_days: int = Field(
        730, ge=730, le=36_500, description="Days that the record of looks is kept (the law asks for two years)."
    )
    min_free_bytes: int = Field(
        2 * 1024**3,
        ge=0,
        description="Free space kept on the media disk: below it new media are refused (events still flow) and the oldest unheld go.",
    )


class Agents(settings_part.Part):
    """The hub's view of its agents."""

    silent_after_s: float = Field(
        30.0, ge=1, le=3600, description="Without a heartbeat for this long an agent's cameras are offline."
    )
    token_hours: int = Field(24, ge=1, le=24 * 14, description="How long an enrolment token can be used.")


class Login(settings_part.Part):
    """Operators' sessions."""

    session_hours: float = Field(12.0, gt=0, le=72, description="A session ends this long after the login.")
    idle_minutes: float = Field(30.0, gt=0, le=24 * 60, description="A session ends after this long without a request.")
    attempts_per_minute: int = Field(
        10, ge=1, le=1000, description="Logins tried per address and minute; more are answered 429."
    )


class Live(settings_part.Part):
    """Live view (WebRTC)."""

    address: str | None = Field(
        None, description="Address that viewers reach for video; default: the address they connected to."
    )
    port_min: int = Field(0, ge=0, le=65_535, description="First UDP port for video; 0 lets the system choose.")
    port_max: int = Field(0, ge=0, le=65_535, description="Last UDP port for video.")
    max_viewers: int = Field(50, ge=0, le=1000, description="Viewers at once.")

    @pydantic.model_validator(mode="after")
    def _ports_in_order(self) -> "Live":
        if self.port_max < self.port_min:
            raise ValueError("port_max is below port_min")
        return self


class Delivery(settings_part.Part):
    """How agencies' systems are told."""

    private_networks: tuple[
        Annotated[str, pydantic.AfterValidator(lambda text: str(ipaddress.ip_network(text)))], ...
    ] = Field(
        (),
        description=(
            "Networks that are not public but may be sent to, e.g. `10.20.0.0/16` (the administration's own network); http and this machine "
            "are allowed within them only. By default public addresses by https alone."
        ),
    )
    ca_file: Path | None = Field(
        None, description="PEM file of further authorities that prove agencies' systems, beside the machine's own."
    )
    exercise: bool = Field(False, description="Messages say that they are an exercise, as in the demo.")


class Access(settings_part.Part):
    """What the access rules ask of whoever looks at a picture, beside what the district's book says."""

    second_factor: bool = Field(
        True, description="Whoever looks at a picture has proved a second factor; `false` only until everybody has one."
    )
    training: bool = Field(
        True, description="Whoever looks at a picture is trained for it; `false` only until training is on record."
    )


class Policy(settings_part.Part):
    """The access rules."""

    folder: Path | None = Field(
        None,
        description="Folder of `*.cedar` files whose policies take the place of the built-in ones of their @id, or are added.",
    )


class Export(settings_part.Part):
    """What is handed out."""

    time_stamp_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Time stamp authority (RFC 3161) for export packages; by default none is asked.",
    )
    time_stamp_roots: Path | None = Field(
        None, description="PEM file of the certificates that its stamps are verified with; belongs to time_stamp_url."
    )


class Peer(settings_part.Part):
    """Another hub: it is an agency of this one, and this one is an agency of it."""

    agency: str = Field(
        pattern=r"^[a-z0-9-]{1,40}$",
        description="What the other hub is called in this hub's book (an agency of kind `hub`).",
    )
    url: str = Field(pattern=r"^https?://[^/]+$", description="The other hub's address, without a path.")
    client_id: UUID = Field(description="As the other hub registered this one (`jikimi-hub client add`).")
    key: Path = Field(description="File with this hub's private key (JWK); its public half is registered there.")


class RuleChange(settings_part.Part):
    """A district's change to the rule of one event kind."""

    severity: Literal[1, 2, 3] | None = Field(None, description="1 (lives) to 3; default: the built-in table.")
    alarm: bool | None = Field(None, description="Whether the event makes an alarm; default: it does.")


class Settings(settings_part.Part):
    """Everything that can be set."""

    data_dir: Path = Field(
        description="Folder of the database, media and keys. Backups copy it; nothing else may write there."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line that is written."
    )
    server: server_settings.Server = server_settings.Server()
    tls: server_settings.Tls = server_settings.Tls()
    ingest: Ingest = Ingest()
    media: Media = Media()
    agents: Agents = Agents()
    login: Login = Login()
    live: Live = Live()
    delivery: Delivery = Delivery()
    access: Access = Access()
    policy: Policy = Policy()
    city_login: city_settings.CityLogin = city_settings.CityLogin()
    export: Export = Export()
    peers: tuple[Peer, ...] = Field((), description="Other hubs that incidents are shared with, each a `[[peers]]`.")
    rules: dict[str, RuleChange] = Field(
        {}, description="Changes to the rule of an event kind, e.g. `[rules.loitering]`."
    )

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "hub.db"

    @property
    def media_dir(self) -> Path:
        """The media folder."""
        return self.data_dir / "media"

    @property
    def authority_dir(self) -> Path:
        """Where the local authority keeps its keys."""
        return self.data_dir / "authority"


def load(path: Path) -> Settings:
    """Read the settings file. Relative paths in it are relative to its folder.

    Raises:
        SettingsError: unreadable, not TOML, an unknown key or a wrong value; says the file, the line and what to write.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as e:
        raise errors.SettingsError(
            f"{path}: cannot be read ({e.strerror}); give the path of the hub's TOML file"
        ) from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise errors.SettingsError(f"{path}: not TOML: {e}") from e
    try:
        settings = Settings.model_validate(raw)
    except pydantic.ValidationError as e:
        raise errors.SettingsError("\n".join(_complaint(path, text, error) for error in e.errors())) from e
    return check(_anchored(settings, path.parent))


def check(settings: Settings) -> Settings:
    """Refuse settings that contradict each other.

    Raises:
        SettingsError: with the remedy.
    """
    tls = settings.tls
    if (tls.certificate is None) != (tls.key is None):
        raise errors.SettingsError("[tls] certificate and key belong together: give both or neither")
    if (settings.export.time_stamp_url is None) != (settings.export.time_stamp_roots is None):
        raise errors.SettingsError("[export] time_stamp_url and time_stamp_roots belong together: give both or neither")
    if tls.mode == "certificate" and tls.certificate is None:
        raise errors.SettingsError('[tls] mode = "certificate" needs certificate and key')
    if settings.server.client_certificate_header and not is_loopback(settings.server.host):
        raise errors.SettingsError(
            f"[server] client_certificate_header would be believed from everybody who reaches {settings.server.host}: "
            'set host = "127.0.0.1" and let the proxy on this machine reach it there'
        )
    _check_city_login(settings.city_login)
    _check_peers(settings.peers)
    if tls.mode == "off" and not is_loopback(settings.server.host):
        raise errors.SettingsError(
            f"plain HTTP on {settings.server.host} would show passwords and pictures to the network: "
            'set [tls] mode = "authority" (or give a certificate), or listen on 127.0.0.1 behind a proxy that speaks TLS'
        )
    return settings


def tls_mode(settings: Settings) -> Literal["authority", "certificate", "off"]:
    """Return how the hub will speak: `auto` decided."""
    if settings.tls.mode != "auto":
        return settings.tls.mode
    if settings.tls.certificate is not None:
        return "certificate"
    return "off" if is_loopback(settings.server.host) else "authority"


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def markdown() -> str:
    """Return the table of every setting for the README."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    rows += [f"| `{name}` | {default} | {text} |" for name, default, text in _fields(Settings, "")]
    rows += [
        f"| `{name}` | {default} | {text} |"
        for name, default, text in _fields(city_settings.CityPlace, "city_login.groups.GROUP.")
    ]
    rows += [f"| `{name}` | {default} | {text} |" for name, default, text in _fields(Peer, "peers[].")]
    rows += [f"| `{name}` | {default} | {text} |" for name, default, text in _fields(RuleChange, "rules.KIND.")]
    return "\n".join(rows)


def _check_city_login(city: city_settings.CityLogin) -> None:
    if city.issuer is None:
        return
    if not city.client_id or not city.groups or "openid" not in city.scope.split():
        raise errors.SettingsError(
            "[city_login] issuer needs client_id, a scope with openid, and groups that say who is what here"
        )
    parts = urlsplit(city.issuer)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise errors.SettingsError(
            "[city_login] issuer is an https address (plain http is for trials on this machine only)"
        )


def _check_peers(peers: tuple[Peer, ...]) -> None:
    for number, peer in enumerate(peers):
        if peer.agency in (other.agency for other in peers[:number]):
            raise errors.SettingsError(f"[[peers]] names {peer.agency} twice; one hub stands there once")
        parts = urlsplit(peer.url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise errors.SettingsError(
                f"[[peers]] {peer.agency}: url is an https address (plain http is for trials on this machine only)"
            )


def _fields(part: type[BaseModel], prefix: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for name, field in part.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += _fields(field.annotation, f"{prefix}{name}.")
        elif name not in ("rules", "peers"):
            default = "needed" if field.is_required() else f"`{field.default}`"
            found.append((prefix + name, default, field.description or ""))
    return found


def _anchored(settings: Settings, folder: Path) -> Settings:
    tls = settings.tls
    files = {name: folder / path for name, path in (("certificate", tls.certificate), ("key", tls.key)) if path}
    delivery = settings.delivery
    if delivery.ca_file:
        delivery = delivery.model_copy(update={"ca_file": folder / delivery.ca_file})
    own = settings.policy.folder
    policy = settings.policy if own is None else settings.policy.model_copy(update={"folder": folder / own})
    city = settings.city_login
    if city.client_secret_file:
        city = city.model_copy(update={"client_secret_file": folder / city.client_secret_file})
    export = settings.export
    if export.time_stamp_roots:
        export = export.model_copy(update={"time_stamp_roots": folder / export.time_stamp_roots})
    peers = tuple(peer.model_copy(update={"key": folder / peer.key}) for peer in settings.peers)
    parts = {
        "peers": peers, "tls": tls.model_copy(update=files), "delivery": delivery, "policy": policy, "city_login": city, "export": export,
    }  # fmt: skip
    return settings.model_copy(update={"data_dir": folder / settings.data_dir, **parts})


def _complaint(path: Path, text: str, error: Any) -> str:
    location: tuple[str | int, ...] = error["loc"]
    name = ".".join(str(step) for step in location)
    line = toml_lines.line_of(text, location)
    if error["type"] == "extra_forbidden":
        known = ", ".join(toml_lines.known_keys(Settings, location[:-1]))
        return f"{path}:{line}: unknown key {name}; known here: {known}"
    if error["type"] == "missing":
        return f"{path}:{line}: {name} is missing; add it"
    return f"{path}:{line}: {name}: {error['msg']}"
