"""The export package: what somebody is handed, whole, with everything needed to prove it years later without the hub.

Steps of writing: (1) proof and original are checked against the video; (2) the files are made in TARGET.part; (3) the manifest names them; (4) the
authority stamps it, where there is one; (5) the hub signs manifest and stamp; (6) all is synced and renamed. A package that does not verify is not
handed out: the last step before the rename verifies it.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import rfc8785

from sharing_hub import errors
from sharing_hub.domain import notes
from sharing_hub.media import container, segments, verification
from sharing_hub.media import parts as contents
from sharing_hub.media.parts import Export, LedgerProof, Original, PackageParts
from sharing_hub.media.verification import Fault, Verdict

__all__ = [
    "Export",
    "Fault",
    "LedgerProof",
    "Original",
    "PackageParts",
    "Verdict",
    "verifier",
    "verify_package",
    "write_package",
]

PART = ".part"
_ORDER = (*(name for name in container.NAMES if name != "video.mp4"), "video.mp4")
_README = """지킴이 영상 반출 꾸러미 / Jikimi export package

video.mp4       제공된 영상 / the video that was handed out
manifest.json   누구에게, 무엇을, 왜, 어떤 법적 근거로 / who is given what, why, on which legal basis; every file's hash
manifest.sig    허브의 서명 / the hub's signature
manifest.tsr    시점확인 (있을 때) / RFC 3161 time stamp, where there is one
segments.json   영상 구간별 해시 / hashes of the video by second
ledger.json     관리대장 등재 증명 / proof that the export stands in the hub's ledger
original.json   원본의 서명된 목록 / the recording's manifest as the camera's agent signed it

확인 / Verify:   python3 verify.py        (Python 3.11, pip install cryptography)
또는 / or:       jikimi-hub verify FOLDER_OR_ZIP
허브의 열쇠를 따로 받아 두었다면 / with the hub's key as it was noted elsewhere:   --key NAME+ID+BASE64

꾸러미 안의 verify.py 대신, 따로 받은 것을 쓰는 편이 안전합니다.
Whoever altered the package could have altered verify.py too: a copy from elsewhere is safer.
"""


def write_package(target: Path, parts: PackageParts) -> Path:
    """Write a package and return where it is.

    Args:
        target: a new folder; or a new file, where it ends in .zip.

    Raises:
        Unprocessable: proof, original and video do not belong together, or it is too large for a ZIP.
        StoreError: it cannot be written.
        Busy: the time stamp authority gave no stamp.
    """
    draft = target.with_name(target.name + PART)
    folder = draft if target.suffix != ".zip" else draft.with_name(draft.name + ".files")
    if target.exists():
        raise errors.StoreError(f"{target.name}: exists already; name a new one")
    try:
        for leftover in {draft, folder}:
            _remove(leftover)
        folder.mkdir(mode=0o700)
        _fill(folder, parts)
        if folder is not draft:
            names = [name for name in _ORDER if (folder / name).exists()]
            container.write_zip(draft, [(name, folder / name) for name in names])
        verdict = verify_package(draft, parts.key.public)
        if not verdict.ok:
            raise errors.Unprocessable(f"the package would not verify: {verdict.faults[0]}")
        draft.rename(target)
        _sync(target.parent)
    except OSError as e:
        raise errors.StoreError(f"{target.name}: cannot be written: {e.strerror}") from e
    finally:
        for leftover in {draft, folder}:
            _remove(leftover)
    return target


def verify_package(path: Path, expected: notes.Key | None = None) -> Verdict:
    """Verify a package offline, every byte of it.

    Args:
        expected: the hub's key as somebody noted it elsewhere; the package's own otherwise, which a forger could have put there.
    """
    return verification.verify(path, expected)


def verifier() -> bytes:
    """Return the text of the plain verifier that goes into each package."""
    return Path(__file__).with_name("verifier.py").read_bytes()


def _fill(folder: Path, given: PackageParts) -> None:
    shutil.copyfile(given.video, folder / "video.mp4")
    (folder / "video.mp4").chmod(0o600)
    files: dict[str, tuple[str, int]] = {"video.mp4": _hashed(folder / "video.mp4")}
    _require_one_story(given, files["video.mp4"][0])
    for name, content in _texts(folder, given).items():
        _write(folder / name, content)
        files[name] = (hashlib.sha256(content).hexdigest(), len(content))
    manifest = contents.manifest(given, files)
    stamp = None if given.stamper is None else given.stamper.stamp(manifest)
    _write(folder / "manifest.json", manifest)
    if stamp is not None:
        _write(folder / "manifest.tsr", stamp)
    _write(folder / "manifest.sig", contents.signature(given.key, manifest, stamp))
    _sync(folder / "video.mp4")
    _sync(folder)


def _texts(folder: Path, given: PackageParts) -> Mapping[str, bytes]:
    """Return the files that the manifest names, but for the video."""
    made = {
        "README.txt": _README.encode(),
        "ledger.json": contents.proof(given),
        "original.json": contents.original(given.original),
        "segments.json": rfc8785.dumps(segments.as_json(segments.cut(folder / "video.mp4"))),
        "verify.py": verifier(),
    }
    if given.chain:
        made["chain.json"] = rfc8785.dumps([dict(link) for link in given.chain])
    if given.authority_pem is not None:
        made["authority.pem"] = given.authority_pem
    if given.stamper is not None:
        made["stamp.pem"] = given.stamper.roots_pem
    return made


def _require_one_story(given: PackageParts, video_sha256: str) -> None:
    """Check that proof, original, report and video belong together.

    Raises:
        Unprocessable: with what does not.
    """
    original = given.original.signed.manifest.sha256
    if given.report is None and video_sha256 != original:
        raise errors.Unprocessable("without a derivative's report the video must be the original, and is another file")
    if given.report is not None and given.report.source_sha256 != original:
        raise errors.Unprocessable("the derivative was made of another recording than the original named")
    contents.require_proved(given.proof, given.key.public, video_sha256)


def _hashed(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
