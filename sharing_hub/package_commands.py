"""`jikimi-hub verify PACKAGE`: whether an export package is what the hub made, offline and without a hub.

Exit codes: 0 every byte is; 1 something is not, and it is named; 2 not understood.
"""

import argparse
import tempfile
from pathlib import Path

from sharing_hub import errors
from sharing_hub.domain import notes
from sharing_hub.media import container, credentials, package


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to a parser."""
    words = "verify an export package (a folder or a ZIP); needs no hub"
    verify = commands.add_parser("verify", help=words, description=words)
    verify.add_argument("package", type=Path)
    verify.add_argument("--key", help="the hub's public key as it was noted outside (`jikimi-hub ledger key`)")
    verify.add_argument("--authority", type=Path, help="the authority of content credentials as it was noted outside")
    verify.set_defaults(command=_verify)


def _verify(chosen: argparse.Namespace) -> int:
    expected = None if chosen.key is None else notes.key_of(chosen.key)
    if not chosen.package.exists():
        raise errors.Unprocessable(f"{chosen.package}: there is no such package")
    verdict = package.verify_package(chosen.package, expected)
    for fault in verdict.faults:
        print(f"WRONG: {fault}")
    if not verdict.ok:
        print(f"{chosen.package}: {len(verdict.faults)} things wrong; it is not what the hub made")
        return 1
    worth = _credentials(chosen)
    if worth not in (None, credentials.TRUSTED):
        print(f"WRONG: video.mp4: its content credentials are {worth} under the authority given")
        return 1
    print(f"{chosen.package}: nothing wrong; every byte is as the hub made it")
    for name, value in verdict.facts.items():
        print(f"  {name}: {value}")
    print("  content credentials: " + ("not checked: no authority is given" if worth is None else worth))
    if chosen.key is None:
        print("  compare hub_key with the key noted outside, or give that with --key")
    return 0


def _credentials(chosen: argparse.Namespace) -> str | None:
    """Return what the video's credentials are worth; None where nothing says under whom."""
    parts = container.opened(chosen.package).parts
    if chosen.authority is not None:
        try:
            pem = chosen.authority.read_bytes()
        except OSError as e:
            raise errors.Unprocessable(f"{chosen.authority}: cannot be read: {e.strerror}") from e
    elif "authority.pem" in parts:
        pem = parts["authority.pem"].read(1 << 20)
    else:
        return None
    with tempfile.NamedTemporaryFile(suffix=".mp4") as video:
        for block in parts["video.mp4"].blocks():
            video.write(block)
        video.flush()
        return credentials.state(Path(video.name), pem)
