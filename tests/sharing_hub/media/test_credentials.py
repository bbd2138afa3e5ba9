"""Content credentials: made under the hub's own authority, trusted under that alone, broken by any change of the picture."""

import datetime
from pathlib import Path

import pytest

from sharing_hub import authority, errors
from sharing_hub.media import credentials, segments
from tests.sharing_hub.media import clips, packages


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("credentials")
    original, derivative = clips.write(folder / "original.mp4"), clips.write(folder / "derivative.mp4", frames=32)
    report = packages.report_of(original.read_bytes(), derivative.read_bytes())
    signer = authority.prepare_signer(folder / "tls", now())
    credentials.sign(derivative, original, folder / "signed.mp4", report, signer)
    return folder


def now() -> datetime.datetime:
    """The native library reads the machine's clock: certificates must be valid by it."""
    return datetime.datetime.now(datetime.UTC)


def pem(folder: Path) -> bytes:
    return (folder / authority.AUTHORITY_FILE).read_bytes()


def test_a_signed_derivative_is_trusted_and_names_its_original(place: Path) -> None:
    assert credentials.state(place / "signed.mp4", pem(place / "tls")) == credentials.TRUSTED
    told = credentials.claims(place / "signed.mp4", pem(place / "tls"))
    assert told["source_sha256"] == packages.sha256((place / "original.mp4").read_bytes())
    assert told["level"] == "people_and_plates"
    assert len(clips.read(place / "signed.mp4")) == 32
    assert len(segments.cut(place / "signed.mp4")) > 3


def test_under_another_authority_it_is_not_trusted(place: Path) -> None:
    authority.prepare_signer(place / "other", now())
    assert credentials.state(place / "signed.mp4", pem(place / "other")) != credentials.TRUSTED
    with pytest.raises(errors.Unprocessable):
        credentials.claims(place / "signed.mp4", pem(place / "other"))


def test_a_changed_picture_is_found_and_a_video_without_credentials_has_none(place: Path) -> None:
    raw = bytearray((place / "signed.mp4").read_bytes())
    raw[-500] ^= 1
    (place / "changed.mp4").write_bytes(raw)
    assert credentials.state(place / "changed.mp4", pem(place / "tls")) == "Invalid"
    assert credentials.state(place / "derivative.mp4", pem(place / "tls")) == "none"


def test_an_original_with_credentials_of_its_own_is_kept_as_the_parent(place: Path) -> None:
    report = packages.report_of((place / "signed.mp4").read_bytes(), (place / "derivative.mp4").read_bytes())
    signer = authority.prepare_signer(place / "tls", now())
    credentials.sign(place / "derivative.mp4", place / "signed.mp4", place / "second.mp4", report, signer)
    assert credentials.state(place / "second.mp4", pem(place / "tls")) == credentials.TRUSTED


def test_what_cannot_be_signed_leaves_no_file(place: Path) -> None:
    (place / "junk.mp4").write_bytes(b"junk")
    report = packages.report_of(b"x", b"y")
    with pytest.raises(errors.StoreError):
        credentials.sign(
            place / "junk.mp4",
            place / "original.mp4",
            place / "none.mp4",
            report,
            authority.prepare_signer(place / "tls", now()),
        )
    assert not list(place.glob("none.mp4*"))
