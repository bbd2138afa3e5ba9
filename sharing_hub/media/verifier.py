#!/usr/bin/env python3
"""영상 반출 꾸러미 확인 / Verify an export package of a Jikimi hub, offline: one file, needs only `cryptography`.

    python3 verify.py [FOLDER_OR_ZIP] [--key NAME+ID+BASE64]

Without an argument the folder in which this file lies is verified. Exit code 0: every byte is as the hub made it; 1: not, and what was hit is named.
Whoever altered a package could have altered the copy of this file in it: use one from elsewhere where that matters, and give the hub's key as it was
noted elsewhere (--key), because a forger could have put a key of their own into the package.
"""

import argparse
import base64
import decimal
import hashlib
import json
import os
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

NAMES = {
    "README.txt", "manifest.json", "manifest.sig", "manifest.tsr", "stamp.pem", "video.mp4", "segments.json", "ledger.json",
    "original.json", "chain.json", "authority.pem", "verify.py",
}  # fmt: skip
NEEDED = {"README.txt", "ledger.json", "original.json", "segments.json", "verify.py", "video.mp4"}
BLOCK = 1 << 20
MOST_TEXT = 64 << 20
BROKEN = (
    RecursionError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    struct.error,
    InvalidSignature,
)
HASHES: dict[str, Any] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}

Row = tuple[str, int, int, int]
"""A file in a ZIP: name, start, length, checksum."""
Element = tuple[int, bytes, bytes]
"""An element of DER: tag, content, the whole."""


class Piece:
    """A file of the package: the bytes of `path` from `start` on."""

    def __init__(self, path: str, start: int, length: int, crc: int = 0) -> None:
        self.path, self.start, self.length, self.crc = path, start, length, crc

    def blocks(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        left = self.length - start if length is None else length
        with Path(self.path).open("rb") as file:
            file.seek(self.start + start)
            while left > 0 and (block := file.read(min(left, BLOCK))):
                left -= len(block)
                yield block

    def text(self) -> bytes:
        if self.length > MOST_TEXT:
            raise ValueError("is too long")
        return b"".join(self.blocks())

    def digest(self, start: int = 0, length: int | None = None) -> str:
        found = hashlib.sha256()
        for block in self.blocks(start, length):
            found.update(block)
        return found.hexdigest()


class Verifier:
    """Collects what is wrong, each thing once, and what the package says."""

    def __init__(self, path: str, expected: str | None = None) -> None:
        self.path, self.expected = Path(path), expected
        self.faults: dict[str, str] = {}
        self.facts: dict[str, Any] = {}
        self.held: dict[str, Piece] = {}

    def wrong(self, what: str, why: str) -> None:
        self.faults.setdefault(what, why)

    def run(self) -> "Verifier":
        self.held = self.folder() if self.path.is_dir() else self.archive()
        if not self.signature():
            return self
        try:
            manifest = plain(self.held["manifest.json"].text())
            if manifest["form"] != "jikimi export 1":
                raise ValueError("another form")
            files = {name: (one["sha256"], one["length_bytes"]) for name, one in manifest["files"].items()}
        except BROKEN as e:
            self.wrong("manifest.json", f"cannot be read: {e}")
            return self
        self.files(files)
        for name in ("export_id", "created_at", "agency", "person", "purpose", "legal_basis", "camera_id"):
            self.facts[name] = manifest["export"].get(name)
        self.facts["masking"] = manifest["masking"]
        for name, check in (
            ("ledger.json", self.ledger),
            ("original.json", self.original),
            ("manifest.tsr", self.stamp),
        ):
            judged_by = {name, "stamp.pem"} if name == "manifest.tsr" else {name}
            if name in self.held and not judged_by & set(self.faults):
                try:
                    check(manifest)
                except BROKEN as e:
                    self.wrong(name, f"does not hold: {e or type(e).__name__}")
        return self

    # The container

    def folder(self) -> dict[str, Piece]:
        held = {}
        for entry in os.scandir(self.path):
            if entry.name in NAMES and entry.is_file(follow_symlinks=False):
                held[entry.name] = Piece(entry.path, 0, entry.stat().st_size)
            else:
                self.wrong("container", f"holds {entry.name!r}, which belongs to no package")
        return held

    def archive(self) -> dict[str, Piece]:
        """Read a ZIP of the one form that the hub writes: from its directory, or from its heads where that is broken."""
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            for reading in (self.by_directory, self.by_heads):
                try:
                    rows = reading(file, size)
                except BROKEN:
                    continue
                end = 0
                for name, start, length, _ in rows:
                    if name not in NAMES or start != end + 30 + len(name):
                        break
                    end = start + length
                else:
                    if rows and len({row[0] for row in rows}) == len(rows):
                        self.compare(file, rows, end, size)
                        return {name: Piece(str(self.path), start, length, crc) for name, start, length, crc in rows}
        self.wrong("container", "cannot be read as a package")
        return {}

    def by_directory(self, file: IO[bytes], size: int) -> list[Row]:
        mark, _, _, _, count, length, start, _ = struct.unpack("<4s4H2IH", at(file, size - 22, 22))
        table = at(file, start, length)
        if mark != b"PK\5\6" or len(table) != length or count > len(NAMES):
            raise ValueError
        rows: list[Row] = []
        here = 0
        for _ in range(count):
            one = struct.unpack_from("<4s6H3I5H2I", table, here)
            name = table[here + 46 : here + 46 + one[10]].decode("latin-1")
            rows.append((name, one[16] + 30 + one[10], one[9], one[7]))
            here += 46 + one[10]
        if rows[-1][1] + rows[-1][2] != start:
            raise ValueError
        return rows

    def by_heads(self, file: IO[bytes], size: int) -> list[Row]:
        rows: list[Row] = []
        here = 0
        while at(file, here, 4) == b"PK\3\4" and len(rows) < len(NAMES):
            one = struct.unpack("<4s5H3I2H", at(file, here, 30))
            rows.append((at(file, here + 30, one[9]).decode("latin-1"), here + 30 + one[9], one[8], one[6]))
            here += 30 + one[9] + one[8]
        if here >= size:
            raise ValueError
        return rows

    def compare(self, file: IO[bytes], rows: list[Row], end: int, size: int) -> None:
        """Make heads and directory anew and compare them byte by byte."""
        table = b""
        for name, start, length, crc in rows:
            raw = name.encode()
            head = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0x21, crc, length, length, len(raw), 0) + raw
            if at(file, start - len(head), len(head)) != head:
                self.wrong("container", f"was altered in the head of {name}")
            table += struct.pack(
                "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0x21, crc, length, length, len(raw), 0, 0, 0, 0, 0, start - len(head)
            ) + raw  # fmt: skip
        table += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(rows), len(rows), len(table), end, 0)
        if size - end != len(table) or at(file, end, len(table)) != table:
            self.wrong("container", "was altered in its directory")

    # The signature and the files

    def signature(self) -> bool:
        """Say whether the manifest is what the hub signed."""
        for name in ("manifest.json", "manifest.sig"):
            if name not in self.held:
                self.wrong(name, "is missing")
                return False
        try:
            signed = plain(self.held["manifest.sig"].text())
            said = signed["statement"]
            if said["form"] != "jikimi export signature 1":
                raise ValueError("another form")
            key = key_of(said["key"])
            Ed25519PublicKey.from_public_bytes(key[2]).verify(unhexed(signed["signature"]), canonical(said))
        except BROKEN as e:
            self.wrong("manifest.sig", f"is not the hub's signature: {e or type(e).__name__}")
            return False
        if self.expected is not None and said["key"] != self.expected.strip():
            self.wrong("manifest.sig", f"was signed by {said['key']}, not with the key given")
            return False
        self.facts["hub_key"] = said["key"]
        whole: bool = self.held["manifest.json"].digest() == said["manifest_sha256"]
        if not whole:
            self.wrong("manifest.json", "was altered: it is not what the hub signed")
        stamp = self.held["manifest.tsr"].digest() if "manifest.tsr" in self.held else None
        if stamp != said["stamp_sha256"]:
            self.wrong("manifest.tsr", "is missing" if stamp is None else "was altered: it is not what the hub signed")
        self.checksum("manifest.json")
        return whole

    def files(self, files: dict[str, tuple[str, int]]) -> None:
        for name in sorted(set(files) | NEEDED):
            if name not in self.held or name not in files:
                self.wrong(name, "is missing")
        for name, piece in self.held.items():
            if name not in files:
                if name not in ("manifest.json", "manifest.sig", "manifest.tsr"):
                    self.wrong(name, "is not in the manifest: it was added")
            elif (piece.digest(), piece.length) != files[name]:
                if name == "video.mp4":
                    self.video(piece)
                else:
                    self.wrong(name, "was altered: it does not have its hash in the manifest")
            else:
                self.checksum(name)

    def video(self, piece: Piece) -> None:
        """Name the segments that were altered."""
        named = False
        try:
            listed = plain(self.held["segments.json"].text())
            rows, end = listed["segments"], 0
            for one in rows:
                if one["offset"] != end or not 0 < one["length_bytes"] <= BLOCK:
                    raise ValueError
                end += one["length_bytes"]
            if end != piece.length or listed["form"] != "jikimi segments 1":
                raise ValueError
            for number, one in enumerate(rows):
                if piece.digest(one["offset"], one["length_bytes"]) != one["sha256"]:
                    shown = "the file's index"
                    if one["from_ms"] is not None and one["until_ms"] is not None:
                        shown = f"{one['from_ms'] / 1000:.3f} s to {one['until_ms'] / 1000:.3f} s"
                    self.wrong(f"video.mp4 segment {number} ({shown})", "was altered")
                    named = True
        except BROKEN:
            named = False
        if not named:
            self.wrong("video.mp4", "was altered: it does not have its hash in the manifest")

    def checksum(self, name: str) -> None:
        piece = self.held[name]
        if piece.crc:
            crc = 0
            for block in piece.blocks():
                crc = zlib.crc32(block, crc)
            if crc != piece.crc:
                self.wrong("container", f"has another checksum of {name}")

    # What the files say

    def ledger(self, manifest: Any) -> None:
        """The ledger held the export's entry when its checkpoint was signed (RFC 9162 2.1.3.2; C2SP signed notes)."""
        told = plain(self.held["ledger.json"].text())
        if told["form"] != "jikimi ledger proof 1" or told["key"] != self.facts["hub_key"]:
            raise ValueError("its key is not the hub's")
        entry = told["entry"].encode()
        values = plain(entry)
        if (
            values["index"] != told["index"]
            or values["details"]["video_sha256"] != manifest["files"]["video.mp4"]["sha256"]
        ):
            raise ValueError("its entry is of another video")
        root = checkpoint_root(told["checkpoint"], told["key"], told["size"])
        found = hashlib.sha256(b"\0" + entry).digest()
        here, last = told["index"], told["size"] - 1
        if not 0 <= here <= last:
            raise ValueError("there is no such entry")
        for sibling in map(unhexed, told["proof"]):
            if last == 0:
                raise ValueError("its proof is too long")
            if here % 2 == 1 or here == last:
                found = hashlib.sha256(b"\1" + sibling + found).digest()
                while here % 2 == 0 and here != 0:
                    here, last = here >> 1, last >> 1
            else:
                found = hashlib.sha256(b"\1" + found + sibling).digest()
            here, last = here >> 1, last >> 1
        if last != 0 or found != root:
            raise ValueError("its proof does not lead to the checkpoint")
        self.facts["ledger_entry"] = f"{told['index']} of {told['size']}"

    def original(self, manifest: Any) -> None:
        told = plain(self.held["original.json"].text())
        key, signature = unbased(told["agent_key"]), unbased(told["signature"])
        Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical(told["manifest"]))
        digest = told["manifest"]["sha256"]
        video = manifest["files"]["video.mp4"]["sha256"]
        if digest != manifest["original"]["sha256"] or (manifest["masking"] == "original" and video != digest):
            raise ValueError("is of another recording")
        if told["manifest"].get("chain"):
            self.chain(told["manifest"], key)
        self.facts["captured"] = f"{told['manifest']['starts_at']} to {told['manifest']['ends_at']}"

    def chain(self, manifest: Any, key: bytes) -> None:
        """The links of the camera's chain: each signed by the agent, each following on the one before, the last of this very file."""
        own, links = manifest["chain"]["own"], manifest["chain"]["links"]
        for one in (*links, own):
            Ed25519PublicKey.from_public_bytes(key).verify(unbased(one["signature"]), canonical(one["link"]))
        for before, after in zip(links, [*links[1:], own], strict=True):
            first, second = before["link"], after["link"]
            near = after is not own or second["sequence"] <= first["sequence"] + 1
            follows = second["previous"] == hashlib.sha256(canonical(first)).hexdigest()
            if near and not (follows and second["sequence"] == first["sequence"] + 1):
                raise ValueError(f"link {second['sequence']} does not follow on link {first['sequence']}")
        if own["link"]["file"]["sha256"] != manifest["sha256"]:
            raise ValueError("its own link is of another file")
        self.facts["chain"] = f"{len(links)} links, of camera {own['link']['camera_id']}"

    def stamp(self, manifest: Any) -> None:
        """RFC 3161: the token's signature, its certificate's issuer among stamp.pem, and that it is over this manifest."""
        roots = x509.load_pem_x509_certificates(self.held["stamp.pem"].text())
        status, token = children(der(self.held["manifest.tsr"].text())[1])
        if children(status[1])[0][1] != b"\0":
            raise ValueError("was not granted")
        signed = children(children(children(token[1])[1][1])[0][1])
        info = children(children(signed[2][1])[1][1])[0][1]
        told = children(der(info)[1])
        algorithm, imprint = children(told[2][1])
        hashed = HASHES[oid(children(algorithm[1])[0][1])]().name
        if hashlib.new(hashed, self.held["manifest.json"].text()).digest() != imprint[1]:
            raise ValueError("is over something else")
        certificates = [
            x509.load_der_x509_certificate(whole) for tag, _, whole in children(signed[3][1]) if tag == 0x30
        ]
        signer = children(children(signed[-1][1])[0][1])
        leaf = next(one for one in certificates if is_named(one, signer[1]))
        check_signer(signer, info, leaf)
        chained(leaf, certificates, roots)
        self.facts["stamped_at"] = told[4][1].decode()
        self.facts["stamped_by"] = leaf.subject.rfc4514_string()


def at(file: IO[bytes], start: int, length: int) -> bytes:
    if start < 0 or length <= 0:
        return b""
    file.seek(start)
    return file.read(min(length, BLOCK))


def canonical(values: Any) -> bytes:
    """RFC 8785: one text for the same values."""
    return written(values).encode()


def written(values: Any) -> str:
    if isinstance(values, dict):
        names = sorted(values, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{written(name)}:{written(values[name])}" for name in names) + "}"
    if isinstance(values, list):
        return "[" + ",".join(map(written, values)) + "]"
    return number(values) if isinstance(values, float) else json.dumps(values, ensure_ascii=False)


def number(value: float) -> str:
    """A number as ECMAScript writes it (ECMA-262, Number::toString)."""
    if value == 0:
        return "0"
    sign, numerals, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    digits, minus = "".join(map(str, numerals)), "-" if sign else ""
    point = len(digits) + int(exponent)
    if len(digits) <= point <= 21:
        return minus + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{minus}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if digits[1:] else ""
    return f"{minus}{digits[0]}{rest}e{point - 1:+d}"


def plain(text: bytes) -> Any:
    values = json.loads(text)
    if canonical(values) != text:
        raise ValueError("is not in canonical form")
    return values


def unhexed(text: str) -> bytes:
    if not re.fullmatch(r"(?:[0-9a-f]{2})*", text):
        raise ValueError("is not lower-case hex")
    return bytes.fromhex(text)


def unbased(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(text: str) -> tuple[str, bytes, bytes]:
    """NAME+KEYID+base64(type and key), as signed notes write it; returns name, key id and the raw key."""
    name, key_id, coded = text.split("+", 2)
    raw = base64.b64decode(coded, validate=True)
    found = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[0] != 1 or len(raw) != 33 or found.hex() != key_id:
        raise ValueError("is not a key")
    return name, found, raw[1:]


def checkpoint_root(note: str, key_text: str, size: int) -> bytes:
    """The root that a signed note gives, after its signature was verified."""
    name, key_id, raw = key_of(key_text)
    text, _, below = note.partition("\n\n")
    origin, told_size, root = text.split("\n")
    if origin != name or told_size != str(size):
        raise ValueError("its checkpoint is of another ledger or size")
    for line in below.splitlines():
        found = re.fullmatch("\N{EM DASH} (\\S+) (\\S+)", line)
        signature = base64.b64decode(found[2], validate=True) if found and found[1] == name else b""
        if signature[:4] == key_id:
            Ed25519PublicKey.from_public_bytes(raw).verify(signature[4:], (text + "\n").encode())
            return base64.b64decode(root, validate=True)
    raise ValueError("its checkpoint is not signed by the hub")


def der(data: bytes, start: int = 0) -> Element:
    """One element of DER: tag, content, the whole."""
    tag, length, here = data[start], data[start + 1], start + 2
    if length & 0x80:
        count = length & 0x7F
        length, here = int.from_bytes(data[here : here + count], "big"), here + count
    if here + length > len(data):
        raise ValueError("is cut off")
    return tag, data[here : here + length], data[start : here + length]


def children(content: bytes) -> list[Element]:
    found: list[Element] = []
    here = 0
    while here < len(content):
        found.append(der(content, here))
        here += len(found[-1][2])
    return found


def oid(raw: bytes) -> str:
    numbers, value = [raw[0] // 40, raw[0] % 40], 0
    for byte in raw[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers, value = [*numbers, value], 0
    return ".".join(map(str, numbers))


def is_named(certificate: x509.Certificate, named: Element) -> bool:
    issuer, serial = children(named[1])
    return certificate.issuer.public_bytes() == issuer[2] and certificate.serial_number == int.from_bytes(
        serial[1], "big"
    )


def check_signer(signer: list[Element], info: bytes, leaf: x509.Certificate) -> None:
    """A CMS SignerInfo with signed attributes (RFC 5652 5.4)."""
    hashed = HASHES[oid(children(signer[2][1])[0][1])]()
    attributes = {oid(children(one[1])[0][1]): children(children(one[1])[1][1])[0] for one in children(signer[3][1])}
    if attributes["1.2.840.113549.1.9.4"][1] != hashlib.new(hashed.name, info).digest():
        raise ValueError("its content was altered")
    verified(leaf.public_key(), signer[5][1], b"\x31" + signer[3][2][1:], hashed)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or ExtendedKeyUsageOID.TIME_STAMPING not in usage.value:
        raise ValueError("its certificate is not one for time stamps")


def verified(key: Any, signature: bytes, data: bytes, hashed: hashes.HashAlgorithm) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(hashed))
    else:
        raise ValueError("its certificate's key is of a kind not known here")


def chained(
    leaf: x509.Certificate, others: list[x509.Certificate], roots: list[x509.Certificate], depth: int = 0
) -> None:
    """The certificate is a root, or was issued by one, through at most three between."""
    for root in roots:
        if leaf == root or (leaf.issuer == root.subject and issued(leaf, root)):
            return
    for other in others:
        if depth < 3 and other != leaf and leaf.issuer == other.subject and issued(leaf, other):
            chained(other, others, roots, depth + 1)
            return
    raise ValueError("its certificate leads to none in stamp.pem")


def issued(leaf: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", nargs="?", default=str(Path(__file__).resolve().parent))
    parser.add_argument("--key", help="the hub's key as it was noted elsewhere")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    chosen = parser.parse_args(arguments)
    try:
        found = Verifier(chosen.package, chosen.key).run()
    except OSError as e:
        print(f"{chosen.package}: cannot be read: {e}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps({"faults": found.faults, "facts": found.facts}, ensure_ascii=False))
        return 1 if found.faults else 0
    for what, why in found.faults.items():
        print(f"WRONG / 이상: {what}: {why}")
    if found.faults:
        return 1
    print("OK / 이상 없음: every byte is as the hub made it")
    for name, value in found.facts.items():
        print(f"  {name}: {value}")
    if chosen.key is None:
        print("  compare hub_key with the one noted elsewhere, or give it with --key")
    return 0


if __name__ == "__main__":
    sys.exit(main())
