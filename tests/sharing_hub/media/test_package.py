"""An export package holds, any change to it is found by both verifiers, and what was hit is named."""

import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from sharing_hub import errors
from sharing_hub.domain import notes
from sharing_hub.media import container, package, parts, segments, verification, verifier
from sharing_hub.wire import v1
from tests.sharing_hub.media import clips, packages

FLIPS_PER_FILE = 15


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("package")
    return package.write_package(place / "export", packages.parts(place))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("archive")
    return package.write_package(place / "export.zip", packages.parts(place))


def copied(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target))


def flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ (1 << offset % 8)]))


def test_a_folder_and_a_zip_hold_and_say_the_same(folder: Path, archive: Path) -> None:
    for path in (folder, archive):
        found = package.verify_package(path, packages.KEY.public)
        assert found.ok and found.faults == ()
        assert found.facts["export_id"] == "JK-8F3A21"
        assert found.facts["ledger_entry"] == "2 of 5"
        assert found.facts["stamped_at"] == packages.NOON.isoformat()
        assert packages.both(path) == (set(), set())


def test_an_ordinary_tool_opens_the_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        assert set(opened.namelist()) == {path.name for path in folder.iterdir()}


def test_a_flipped_byte_in_any_file_is_found_and_the_file_named(folder: Path, tmp_path: Path) -> None:
    chance = random.Random(1)
    for path in sorted(folder.iterdir()):
        size = path.stat().st_size
        every = path.name == "manifest.sig"
        offsets = set(range(size)) if every else {0, size - 1, *(chance.randrange(size) for _ in range(FLIPS_PER_FILE))}
        altered = copied(folder, tmp_path / path.name)
        for offset in sorted(offsets):
            flip(altered / path.name, offset)
            ours, theirs = packages.both(altered)
            assert ours == theirs and len(ours) == 1, (path.name, offset, ours, theirs)
            (named,) = ours
            assert named == path.name or (path.name == "video.mp4" and named.startswith("video.mp4 segment ")), named
            flip(altered / path.name, offset)


def test_every_byte_of_the_zip_outside_the_files_is_guarded_too(archive: Path, tmp_path: Path) -> None:
    altered = copied(archive, tmp_path / "altered.zip")
    held = container.opened(archive)
    inside: set[int] = set()
    for part in held.parts.values():
        inside.update(range(part.offset, part.offset + part.length_bytes))
    outside = [offset for offset in range(archive.stat().st_size) if offset not in inside]
    assert len(outside) > 900
    for offset in random.Random(2).sample(outside, 60):
        flip(altered, offset)
        ours, theirs = packages.both(altered)
        assert ours == theirs == {"container"}, (offset, ours, theirs)
        flip(altered, offset)


def test_a_flipped_byte_of_the_video_in_a_zip_names_the_second_it_shows(archive: Path, tmp_path: Path) -> None:
    altered = copied(archive, tmp_path / "altered.zip")
    video = container.opened(archive).parts["video.mp4"]
    (tmp_path / "video.mp4").write_bytes(video.read(1 << 30))
    third = segments.cut(tmp_path / "video.mp4")[3]
    flip(altered, video.offset + third.offset + third.length_bytes // 2)
    ours, theirs = packages.both(altered)
    assert ours == theirs == {"video.mp4 segment 3 (2.000 s to 2.133 s)"}


@pytest.mark.parametrize("name", sorted(set(container.NAMES) - {"authority.pem"}))
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    altered = copied(folder, tmp_path / "altered")
    (altered / name).unlink()
    ours, theirs = packages.both(altered)
    assert ours == theirs
    assert name in ours


def test_what_was_added_is_named(folder: Path, tmp_path: Path) -> None:
    altered = copied(folder, tmp_path / "altered")
    (altered / "authority.pem").write_text("x")
    assert packages.both(altered) == ({"authority.pem"}, {"authority.pem"})
    (altered / "more.txt").write_text("x")
    assert packages.both(altered) == ({"authority.pem", "container"},) * 2


@pytest.mark.parametrize("cut", [0, 1, 30, 500, -1])
def test_a_zip_that_was_cut_off_or_is_none_is_told_and_nothing_raised(archive: Path, tmp_path: Path, cut: int) -> None:
    raw = archive.read_bytes()
    altered = tmp_path / "altered.zip"
    altered.write_bytes(raw[:cut])
    ours, theirs = packages.both(altered)
    assert ours == theirs and "container" in ours


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe", b"", b"null", b'{"statement":1}'])
def test_a_signature_file_of_anything_is_told_and_nothing_raised(folder: Path, tmp_path: Path, content: bytes) -> None:
    altered = copied(folder, tmp_path / "altered")
    (altered / "manifest.sig").write_bytes(content)
    assert packages.both(altered) == ({"manifest.sig"}, {"manifest.sig"})


def test_a_package_signed_with_another_key_is_refused_where_the_hubs_is_known(folder: Path) -> None:
    other = notes.Key("jikimi-ledger/test", notes.ED25519, b"o" * 32).text()
    assert packages.both(folder, other) == ({"manifest.sig"}, {"manifest.sig"})
    assert packages.both(folder, packages.KEY.public.text()) == (set(), set())


def test_the_hubs_own_key_makes_no_proof_out_of_another_entry(tmp_path: Path) -> None:
    """Whoever holds the hub's key can sign any manifest; what the files say must hold besides."""
    plain = package.write_package(tmp_path / "export", packages.parts(tmp_path, stamped=False))
    assert packages.both(plain) == (set(), set())

    def other_original(manifest: dict[str, dict[str, object]]) -> None:
        manifest["original"]["sha256"] = "0" * 64

    packages.resigned(plain, other_original)
    assert packages.both(plain) == ({"original.json"}, {"original.json"})


@pytest.mark.parametrize(
    ("details", "said"), [({}, "does not name this video"), ({"video_sha256": "0" * 64}, "does not name this video")]
)
def test_no_package_is_written_over_a_ledger_entry_of_something_else(
    tmp_path: Path, details: dict[str, str], said: str
) -> None:
    given = packages.parts(tmp_path)
    wrong = packages.replaced(given, proof=packages.proof(given.video.read_bytes(), details=dict(details)))
    with pytest.raises(errors.Unprocessable, match=said):
        package.write_package(tmp_path / "export", wrong)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("export")]


def test_no_package_is_written_over_a_proof_that_leads_nowhere(tmp_path: Path) -> None:
    given = packages.parts(tmp_path)
    for changed in ({"hashes": given.proof.hashes[::-1]}, {"index": 3}, {"size": 4}):
        broken = package.LedgerProof(
            **{name: getattr(given.proof, name) for name in ("entry", "index", "size", "hashes", "checkpoint")}
            | changed
        )
        with pytest.raises(errors.Unprocessable):
            package.write_package(tmp_path / "export.zip", packages.replaced(given, proof=broken))


def test_the_original_is_handed_out_only_as_itself(tmp_path: Path) -> None:
    given = packages.parts(tmp_path, masked=False)
    assert package.verify_package(package.write_package(tmp_path / "export", given)).facts["masking"] == "original"
    masked = packages.parts(tmp_path)
    with pytest.raises(errors.Unprocessable, match="must be the original"):
        package.write_package(tmp_path / "second", packages.replaced(masked, report=None))
    with pytest.raises(errors.Unprocessable, match="another recording"):
        package.write_package(tmp_path / "second", packages.replaced(masked, original=packages.original(b"other")))


@pytest.mark.parametrize(
    "change",
    [
        lambda made: [made[0], made[2], made[3]],
        lambda made: [made[0].model_copy(update={"software": "another"}), *made[1:]],
        lambda made: [*made[:3], made[3].model_copy(update={"file": made[0].file})],
        lambda made: [*made[:3], made[3].model_copy(update={"sequence": 6})],
    ],
    ids=["left out", "altered", "of another file", "in the wrong place"],
)
def test_a_chain_that_does_not_hold_together_is_found_by_both(
    folder: Path, tmp_path: Path, change: Callable[[list[v1.ChainLink]], list[v1.ChainLink]]
) -> None:
    """The agent signed it so, and the hub too: only what the links say tells."""
    altered = copied(folder, tmp_path / "altered")
    raw = clips.write(tmp_path / "original.mp4").read_bytes()
    text = parts.original(packages.original(raw, change))
    (altered / "original.json").write_bytes(text)

    def named(manifest: dict[str, dict[str, object]]) -> None:
        manifest["files"]["original.json"] = {"length_bytes": len(text), "sha256": packages.sha256(text)}

    packages.resigned(altered, named)
    assert packages.both(altered) == ({"original.json"}, {"original.json"})


def test_a_package_is_never_written_over_another(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError, match="exists already"):
        package.write_package(folder, packages.parts(tmp_path))
    assert package.verify_package(folder).ok


def test_the_verifier_in_the_package_runs_alone_with_cryptography_only(folder: Path, tmp_path: Path) -> None:
    altered = copied(folder, tmp_path / "altered")
    script = f"""
import sys, runpy
allowed = ("cryptography", "_cffi_backend", "cffi")
class Guard:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in (*sys.stdlib_module_names, *allowed):
            raise ImportError("not needed: " + name)
sys.meta_path.insert(0, Guard())
sys.argv = ["verify.py"]
runpy.run_path({str(altered / "verify.py")!r}, run_name="__main__")
"""
    run = [sys.executable, "-I", "-c", script]
    held = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (held.returncode, held.stderr) == (0, "") and "every byte is as the hub made it" in held.stdout
    flip(altered / "video.mp4", altered.joinpath("video.mp4").stat().st_size // 2)
    found = subprocess.run(run, capture_output=True, text=True, check=False)
    assert found.returncode == 1 and "video.mp4 segment" in found.stdout


def test_the_plain_verifiers_canonical_form_is_the_hubs(folder: Path) -> None:
    for name in ("manifest.json", "ledger.json", "original.json", "segments.json", "chain.json"):
        text = (folder / name).read_bytes()
        assert verifier.canonical(verification._canonical(text)) == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1, 1) | st.integers(-(2**50), 2**50).map(float))
@example(1e21)
@example(1e-7)
@example(-0.0)
def test_the_plain_verifier_writes_numbers_as_the_hub(value: float) -> None:
    assert verifier.canonical({"b": value, "a": ["가", True, None, 3]}) == rfc8785.dumps(
        {"b": value, "a": ["가", True, None, 3]}
    )
