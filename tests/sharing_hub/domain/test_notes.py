"""Checkpoints as signed notes: the published example verifies, what was altered does not, witnesses sign with the time."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing_hub import errors
from sharing_hub.domain import notes

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = PRIVATE.public_key().public_bytes_raw()
KEY = notes.Key("example.org/ledger", notes.ED25519, RAW)
WITNESS = notes.Key("fire.example.org", notes.COSIGNATURE, RAW)
ROOT = bytes(32)
# The example of Go's golang.org/x/mod/sumdb/note, made by another implementation of signed notes.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_a_note_of_another_implementation_verifies() -> None:
    key, signature = notes.key_of(GO_KEY), notes.signature_of(GO_LINE)
    assert key.text() == GO_KEY
    assert notes.is_signed(GO_TEXT, [signature], key)
    assert not notes.is_signed(GO_TEXT.replace("don't", "do"), [signature], key)


def test_a_checkpoint_is_read_back_as_it_was_signed() -> None:
    note = notes.sign(notes.Checkpoint(KEY.name, 17, ROOT), KEY, PRIVATE)
    checkpoint, text, signatures = notes.parse(note)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (KEY.name, 17, ROOT)
    assert text == f"example.org/ledger\n17\n{'A' * 43}=\n"
    assert notes.is_signed(text, signatures, KEY)


@pytest.mark.parametrize(
    ("old", "new"), [("17", "18"), ("AAAA", "AAAB"), ("example.org/ledger\n", "example.org/other\n")]
)
def test_an_altered_checkpoint_is_not_signed(old: str, new: str) -> None:
    note = notes.sign(notes.Checkpoint(KEY.name, 17, ROOT), KEY, PRIVATE).replace(old, new, 1)
    _, text, signatures = notes.parse(note)
    assert not notes.is_signed(text, signatures, KEY)


def test_another_key_of_the_same_name_has_not_signed() -> None:
    other = notes.Key(KEY.name, KEY.kind, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    _, text, signatures = notes.parse(notes.sign(notes.Checkpoint(KEY.name, 17, ROOT), KEY, PRIVATE))
    assert not notes.is_signed(text, signatures, other)


def test_a_witness_signs_with_the_time() -> None:
    text = notes.Checkpoint(KEY.name, 17, ROOT).text()
    signature = notes.cosign(text, WITNESS, PRIVATE, AT)
    assert notes.signed_at(text, notes.signature_of(signature.line()), WITNESS) == AT
    raw = bytearray(signature.raw)
    raw[11] ^= 1  # the time
    assert notes.signed_at(text, notes.Signature(WITNESS.name, bytes(raw)), WITNESS) is None
    assert notes.signed_at(text, notes.Signature(WITNESS.name, signature.raw[:-1]), WITNESS) is None


@pytest.mark.parametrize(
    "text", ["", "name", "a+b+c", GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY[:-4], "a b+00000000+AQ==", "x" * 5000]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(errors.Unprocessable):
        notes.key_of(text)


@pytest.mark.parametrize(
    "note",
    ["", "a\n1\nAA==\n", "a\n1\nAA==\n\n", f"a\n01\n{'A' * 43}=\n\n", f"a\n-1\n{'A' * 43}=\n\n", f"a\n1\n{'A' * 43}=\nx\n\n",
     f"a\n1\n{'A' * 43}=\n\nno line\n", f"a\n1\n{'A' * 43}=\n\n— a !!\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(errors.Unprocessable):
        notes.parse(note)
