"""The settings of the hub's socket: where it listens, what it waits for, how it proves who it is (`[server]` and `[tls]` of the TOML file)."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from sharing_hub import settings_part


class Server(settings_part.Part):
    """Where the hub listens."""

    host: str = Field("127.0.0.1", description="Address to listen on; `0.0.0.0` for every network (needs TLS).")
    port: int = Field(8443, ge=0, le=65_535, description="TCP port; 0 picks a free one and prints it.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/]+$",
        description="Address agents and operators use, e.g. `https://hub.district.kr:8443`; default: made of host and port.",
    )
    proxies: tuple[str, ...] = Field(
        (),
        description="Addresses of reverse proxies whose X-Forwarded-For and -Proto are believed; by default nobody's.",
    )
    client_certificate_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$",
        description=(
            "Header in which a proxy on this machine tells the client certificate that it checked (its SHA-256 in hexadecimal, or PEM, "
            "percent-encoded) and which it removes from what clients send; systems registered with a certificate need it. Only with a loopback `host`."
        ),
    )
    max_body_bytes: int = Field(
        8 * 1024 * 1024, ge=64 * 1024, description="Largest request body; more is answered 413."
    )
    head_within_s: float = Field(
        10.0, gt=0, le=600, description="A connection whose request's head is not here after this many seconds is cut."
    )
    body_within_s: float = Field(
        120.0, gt=0, le=3600, description="A request whose body is not here after this many seconds is answered 408."
    )
    body_pause_s: float = Field(
        20.0, gt=0, le=3600, description="So is one of whose body nothing comes for this many seconds."
    )
    max_connections: int = Field(
        4000,
        ge=16,
        le=1_000_000,
        description="Connections at once, beside agents' channels; beyond it the one that has waited longest for its client is cut.",
    )


class Tls(settings_part.Part):
    """How the hub proves who it is."""

    mode: Literal["auto", "authority", "certificate", "off"] = Field(
        "auto",
        description=(
            "`certificate`: the files below; `authority`: the hub makes a local authority that agents pin; `off`: plain HTTP, on loopback "
            "only; `auto`: certificate where given, else off on loopback, else authority."
        ),
    )
    certificate: Path | None = Field(None, description="PEM file with the certificate chain.")
    key: Path | None = Field(None, description="PEM file with the private key.")
    names: tuple[str, ...] = Field(
        (), description="Host names and addresses in the certificate the local authority makes, beside the host's own."
    )
