"""Whether an export package is what the hub made: every byte of it, offline.

Order: the container; the hub's signature, which tells whether the manifest and the stamp are whole; then each file by its hash in the manifest, the video
by its segments besides; then what the files say: the ledger's proof, the agent's signature of the original, the stamp. Where the manifest itself was
altered nothing else can be judged by it, and only that is said.

`verifier.py` says the same, written apart and with `cryptography` alone; a test holds the two against each other.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sharing_hub import errors
from sharing_hub.domain import chains, notes
from sharing_hub.media import container, parts, segments, stamps
from sharing_hub.wire import v1

MAX_TEXT_BYTES = 64 * 1024 * 1024
_SIGNED = ("manifest.json", "manifest.sig", "manifest.tsr")
_NEEDED = ("README.txt", "ledger.json", "original.json", "segments.json", "verify.py", "video.mp4")
_WRONG = (ValueError, KeyError, TypeError, AttributeError, RecursionError, errors.Unprocessable)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as the hub made it.

    Attributes:
        what: a file, a video's segment, or "container".
    """

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found.

    Attributes:
        facts: what the package says of itself, in words; to be believed only where `ok`.
    """

    ok: bool
    faults: tuple[Fault, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


def verify(path: Path, expected: notes.Key | None = None) -> Verdict:
    """Verify a package; `expected` is the hub's key as it was noted elsewhere."""
    try:
        held = container.opened(path)
        check = _Check(held, expected)
        check.run()
    except OSError as e:
        return Verdict(False, (Fault("container", f"cannot be read: {e.strerror}"),))
    return Verdict(not check.faults, tuple(check.faults), check.facts)


class _Check:
    def __init__(self, held: container.Opened, expected: notes.Key | None) -> None:
        self.faults: list[Fault] = []
        self.facts: dict[str, str] = {}
        self._held, self._expected = held, expected
        self._whole: dict[str, bytes] = {}

    def run(self) -> None:
        """Check everything."""
        if self._held.wrong:
            self._fault("container", self._held.wrong)
        if not self._is_signed():
            return
        try:
            manifest = _canonical(self._text("manifest.json"))
            files = {name: (one["sha256"], one["length_bytes"]) for name, one in manifest["files"].items()}
            if manifest["form"] != parts.FORM:
                raise ValueError("is of another form")
        except _WRONG as e:
            self._fault("manifest.json", f"cannot be read: {_words(e)}")
            return
        self._files(files)
        self._facts(manifest)
        for name, say in (("ledger.json", self._ledger), ("original.json", self._original)):
            if name in self._whole:
                self._try(name, lambda say=say: say(manifest))  # type: ignore[misc]
        if "manifest.tsr" in self._held.parts and not self._is_named("stamp.pem"):
            self._try("manifest.tsr", self._stamp)

    def _is_signed(self) -> bool:
        """Say whether the manifest is the one that the hub signed."""
        if missing := [name for name in ("manifest.json", "manifest.sig") if name not in self._held.parts]:
            self._fault(missing[0], "is missing")
            return False
        try:
            signed = _canonical(self._text("manifest.sig"))
            said = signed["statement"]
            key = notes.key_of(said["key"])
            if said["form"] != parts.SIGNATURE_FORM:
                raise ValueError("is of another form")
            Ed25519PublicKey.from_public_bytes(key.raw).verify(_unhexed(signed["signature"]), rfc8785.dumps(said))
        except (*_WRONG, InvalidSignature) as e:
            self._fault("manifest.sig", f"is not the hub's signature: {_words(e)}")
            return False
        if self._expected is not None and key != self._expected:
            self._fault("manifest.sig", f"was signed by {key.text()}, not with the key given")
            return False
        self.facts["hub_key"] = key.text()
        return self._is_as_signed(said)

    def _is_as_signed(self, said: Mapping[str, Any]) -> bool:
        text = self._text("manifest.json")
        whole = bool(hashlib.sha256(text).hexdigest() == said["manifest_sha256"])
        if not whole:
            self._fault("manifest.json", "was altered: it is not what the hub signed")
        stamp = self._text("manifest.tsr") if "manifest.tsr" in self._held.parts else None
        found = None if stamp is None else hashlib.sha256(stamp).hexdigest()
        if found != said["stamp_sha256"]:
            self._fault("manifest.tsr", "is missing" if stamp is None else "was altered: it is not what the hub signed")
        self._checksum("manifest.json", text)
        return whole

    def _files(self, files: Mapping[str, tuple[str, int]]) -> None:
        for name in sorted({*files, *_NEEDED}):
            if name not in self._held.parts or name not in files:
                self._fault(name, "is missing")
        for name, part in self._held.parts.items():
            if name in files:
                self._file(part, *files[name])
            elif name not in _SIGNED:
                self._fault(name, "is not in the manifest: it was added")

    def _file(self, part: container.Part, digest: str, length_bytes: int) -> None:
        found, crc = hashlib.sha256(), 0
        for block in part.blocks():
            found.update(block)
            crc = zlib.crc32(block, crc)
        if found.hexdigest() != digest or part.length_bytes != length_bytes:
            if part.name == "video.mp4":
                self._video(part)
            else:
                self._fault(part.name, "was altered: it does not have its hash in the manifest")
            return
        if part.crc and part.crc != crc:
            self._fault("container", f"has another checksum of {part.name}")
        if part.name in ("ledger.json", "original.json", "segments.json"):
            self._whole[part.name] = self._text(part.name)

    def _video(self, part: container.Part) -> None:
        """Name the segments of the video that were altered."""
        named = 0
        try:
            rows = segments.of_json(_canonical(self._text("segments.json")), part.length_bytes)
            with part.path.open("rb") as file:
                for number, one in enumerate(rows):
                    file.seek(part.offset + one.offset)
                    if hashlib.sha256(file.read(one.length_bytes)).hexdigest() != one.sha256:
                        self._fault(f"video.mp4 {one.name(number)}", "was altered")
                        named += 1
        except _WRONG:
            named = 0
        if not named:
            self._fault("video.mp4", "was altered: it does not have its hash in the manifest")

    def _facts(self, manifest: Mapping[str, Any]) -> None:
        for name in ("export_id", "created_at", "agency", "person", "purpose", "legal_basis", "camera_id"):
            self.facts[name] = str(manifest["export"].get(name))
        self.facts["masking"] = str(manifest["masking"])
        self.facts["original_sha256"] = str(manifest["original"]["sha256"])

    def _ledger(self, manifest: Mapping[str, Any]) -> None:
        values = _canonical(self._whole["ledger.json"])
        key = notes.key_of(values["key"])
        if key.text() != self.facts["hub_key"] or values["form"] != parts.PROOF_FORM:
            raise ValueError("its key is not the hub's")
        hashes = tuple(_unhexed(one) for one in values["proof"])
        proof = parts.LedgerProof(
            values["entry"].encode(), values["index"], values["size"], hashes, values["checkpoint"]
        )
        parts.require_proved(proof, key, manifest["files"]["video.mp4"]["sha256"])
        self.facts["ledger_entry"] = f"{proof.index} of {proof.size}"

    def _original(self, manifest: Mapping[str, Any]) -> None:
        values = _canonical(self._whole["original.json"])
        raw, signature = _unbased(values["agent_key"]), _unbased(values["signature"])
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(signature, rfc8785.dumps(values["manifest"]))
        except InvalidSignature as e:
            raise ValueError("is not signed with the agent's key") from e
        digest = values["manifest"]["sha256"]
        video = manifest["files"]["video.mp4"]["sha256"]
        if digest != manifest["original"]["sha256"] or (manifest["masking"] == parts.ORIGINAL and video != digest):
            raise ValueError("is of another recording")
        self._chain(v1.MediaManifest.model_validate(values["manifest"]), raw)
        self.facts["captured"] = f"{values['manifest']['starts_at']} to {values['manifest']['ends_at']}"

    def _chain(self, manifest: v1.MediaManifest, agent_key: bytes) -> None:
        """Check the links of the camera's chain that the manifest brings."""
        if manifest.chain is None:
            return
        key = Ed25519PublicKey.from_public_bytes(agent_key)
        for signed in chains.signed_links(manifest.chain):
            try:
                key.verify(_unbased(signed.signature), signed.link.signed_bytes())
            except InvalidSignature as e:
                raise ValueError(f"link {signed.link.sequence} is not signed with the agent's key") from e
        if fault := chains.fault(manifest):
            raise ValueError(fault)
        self.facts["chain"] = f"{len(manifest.chain.links)} links, of camera {manifest.camera_id}"

    def _stamp(self) -> None:
        roots = stamps.roots_of(self._text("stamp.pem"))
        at = stamps.verify(self._text("manifest.tsr"), self._text("manifest.json"), roots)
        self.facts["stamped_at"] = at.isoformat()

    def _try(self, name: str, check: Callable[[], None]) -> None:
        if self._is_named(name):
            return
        try:
            check()
        except _WRONG as e:
            self._fault(name, f"does not hold: {_words(e)}")

    def _checksum(self, name: str, text: bytes) -> None:
        part = self._held.parts[name]
        if part.crc and part.crc != zlib.crc32(text):
            self._fault("container", f"has another checksum of {name}")

    def _text(self, name: str) -> bytes:
        part = self._held.parts.get(name)
        if part is None:
            raise ValueError(f"{name} is missing")
        return part.read(MAX_TEXT_BYTES)

    def _fault(self, what: str, why: str) -> None:
        if not self._is_named(what):
            self.faults.append(Fault(what, why))

    def _is_named(self, what: str) -> bool:
        return any(fault.what == what for fault in self.faults)


def _canonical(text: bytes) -> Any:
    """Return the JSON values of a text.

    Raises:
        ValueError: it is not their canonical form.
    """
    values = json.loads(text)
    if rfc8785.dumps(values) != text:
        raise ValueError("is not in canonical form")
    return values


def _unhexed(text: str) -> bytes:
    raw = bytes.fromhex(text)
    if raw.hex() != text:
        raise ValueError("is not lower-case hex")
    return raw


def _unbased(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as e:
        raise ValueError("is not base64") from e


def _words(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
