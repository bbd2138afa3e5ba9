"""An authenticator in software: makes the answers that a browser would send, and wrong ones on demand."""

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _HAS_CREDENTIAL = 0x01, 0x04, 0x40


class Authenticator:
    """Holds one P-256 credential.

    Attributes:
        sign_count: raised by each confirmation; can be set back, as in a clone.
    """

    def __init__(self) -> None:
        self.credential_id = secrets.token_bytes(32)
        self.sign_count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def register(self, options: dict[str, Any], origin: str, rp_id: str | None = None) -> dict[str, Any]:
        """Answer the options of a registration as a page at `origin` would."""
        client_data = _client_data("webauthn.create", options["challenge"], origin)
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        named = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(cose)
        data = self._data(rp_id or options["rp"]["id"], _HAS_CREDENTIAL) + named
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": _text(client_data), "attestationObject": _text(attestation)})

    def confirm(
        self, options: dict[str, Any], origin: str, rp_id: str | None = None, framed: bool = False
    ) -> dict[str, Any]:
        """Answer the options of a confirmation as a page at `origin` would; `framed`: within another site's page."""
        self.sign_count += 1
        client_data = _client_data("webauthn.get", options["challenge"], origin, framed)
        data = self._data(rp_id or options["rpId"], 0)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": _text(client_data), "authenticatorData": _text(data), "signature": _text(signature)}
        )

    def _data(self, rp_id: str, flags: int) -> bytes:
        said = _PRESENT | _VERIFIED | flags
        return hashlib.sha256(rp_id.encode()).digest() + bytes([said]) + struct.pack(">I", self.sign_count)

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        name = _text(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def _client_data(kind: str, challenge: str, origin: str, framed: bool = False) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": framed}).encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
