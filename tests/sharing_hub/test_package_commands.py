"""`jikimi-hub verify`: says that a package holds, names what does not, and compares keys noted outside."""

import datetime
from pathlib import Path

import pytest

from sharing_hub import __main__ as command
from sharing_hub import authority
from sharing_hub.domain import notes
from sharing_hub.media import credentials, package
from tests.sharing_hub.media import clips, packages


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package whose video has content credentials, and the hub's authority."""
    folder = tmp_path_factory.mktemp("verify")
    given = packages.parts(folder)
    signer = authority.prepare_signer(folder / "tls", datetime.datetime.now(datetime.UTC))
    signed = folder / "signed.mp4"
    assert given.report is not None
    credentials.sign(clips.write(folder / "plain.mp4"), folder / "original.mp4", signed, given.report, signer)
    pem = (folder / "tls" / authority.AUTHORITY_FILE).read_bytes()
    package.write_package(
        folder / "export.zip",
        packages.replaced(given, video=signed, proof=packages.proof(signed.read_bytes()), authority_pem=pem),
    )
    return folder


def test_a_package_that_holds(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["verify", str(place / "export.zip"), "--key", packages.KEY.public.text()]) == 0
    told = capsys.readouterr().out
    assert "nothing wrong" in told and "content credentials: Trusted" in told and "홍길동 경위" in told


def test_a_flipped_byte_is_named(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = bytearray((place / "export.zip").read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "export.zip").write_bytes(raw)
    assert command.main(["verify", str(tmp_path / "export.zip")]) == 1
    assert "WRONG: video.mp4 segment" in capsys.readouterr().out


def test_another_key_or_authority_than_noted_is_refused(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = notes.Key("jikimi-ledger/test", notes.ED25519, b"o" * 32).text()
    assert command.main(["verify", str(place / "export.zip"), "--key", other]) == 1
    authority.prepare_signer(tmp_path, datetime.datetime.now(datetime.UTC))
    pem = str(tmp_path / authority.AUTHORITY_FILE)
    assert command.main(["verify", str(place / "export.zip"), "--authority", pem]) == 1
    assert "content credentials are" in capsys.readouterr().out


def test_what_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["verify", str(tmp_path / "none.zip")]) == 1
    assert "no such package" in capsys.readouterr().err
