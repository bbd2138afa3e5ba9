"""Which public keys are taken, and what they check."""

import base64
import hmac
import json

import pytest
from joserfc import jwk, jws, jwt

from sharing_hub import errors
from sharing_hub.services import client_keys
from tests.support import systems

ED = systems.new_key()
EC = jwk.ECKey.generate_key("P-256")
RSA = jwk.RSAKey.generate_key(2048)


def sign(key: systems.Key | jwk.OctKey, algorithm: str) -> str:
    return jwt.encode({"alg": algorithm}, {"jti": "one"}, key, registry=jws.JWSRegistry(algorithms=[algorithm]))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(ED, "Ed25519"), (EC, "ES256"), (RSA, "PS256"), (RSA, "RS256")],
    ids=["Ed25519", "ES256", "PS256", "RS256"],
)
def test_each_kind_of_key_checks_what_it_signed(key: systems.Key, algorithm: str) -> None:
    kept = client_keys.read(systems.public(key))[0]
    assert client_keys.verified(sign(key, algorithm), kept.jwk) == {"jti": "one"}


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_the_old_name_of_ed25519_is_taken_too() -> None:
    kept = client_keys.read(systems.public(ED))[0]
    assert client_keys.verified(sign(ED, "EdDSA"), kept.jwk) == {"jti": "one"}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_no_other_algorithm_passes() -> None:
    modulus = RSA.as_dict(private=False)["n"]
    forged = [
        shared_secret(RSA.as_pem(private=False)),
        shared_secret(str(modulus).encode()),
        sign(RSA, "RS512"),
        shared_secret(b"").replace(part({"alg": "HS256"}), part({"alg": "none"})),
        part({"alg": "none"}) + "." + part({"jti": "one"}) + ".",
    ]
    kept = client_keys.read(systems.public(RSA))[0]
    for token in forged:
        with pytest.raises(errors.Unauthenticated):
            client_keys.verified(token, kept.jwk)


def shared_secret(secret: bytes) -> str:
    """Return a token signed with what is public, as if it were a shared secret. (The library refuses to make one.)"""
    signed = f"{part({'alg': 'HS256'})}.{part({'jti': 'one'})}"
    return f"{signed}.{text(hmac.digest(secret, signed.encode(), 'sha256'))}"


def part(values: dict[str, str]) -> str:
    return text(json.dumps(values).encode())


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_key_does_not_check_what_another_signed() -> None:
    kept = client_keys.read(systems.public(ED))[0]
    for token in (sign(systems.new_key(), "Ed25519"), sign(EC, "ES256"), sign(RSA, "RS256"), "a.b.c", "", "é.ü.ß"):
        with pytest.raises(errors.Unauthenticated):
            client_keys.verified(token, kept.jwk)


def test_private_keys_are_refused_and_not_repeated() -> None:
    private = ED.as_dict(private=True)
    with pytest.raises(errors.Unprocessable, match="private key") as refused:
        client_keys.read({"keys": [private]})
    assert str(private["d"]) not in refused.value.detail


@pytest.mark.parametrize(
    "key_set",
    [
        {},
        {"keys": []},
        {"keys": "text"},
        {"keys": [None]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": [{"kty": "OKP", "crv": "X25519", "x": "AA"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
        {"keys": [{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}]},
        {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]},
        {"keys": [{**EC.as_dict(private=False), "use": "enc"}]},
        {"keys": [{**EC.as_dict(private=False), "alg": "HS256"}]},
        {"keys": [{**EC.as_dict(private=False), "kid": 7}]},
        {"keys": [EC.as_dict(private=False)] * 2},
        {"keys": [EC.as_dict(private=False)] * 11},
    ],
)
def test_what_is_no_good_public_key_is_refused_with_its_place(key_set: dict[str, object]) -> None:
    with pytest.raises(errors.Unprocessable, match="keys"):
        client_keys.read(key_set)
