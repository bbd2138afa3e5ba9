"""Public keys of agencies' systems: read strictly, and used to check what a system signed.

Invariants: a key is Ed25519, P-256, or RSA of 2048 to 4096 bits, and public; each kind of key checks its own algorithms and no other, so that `none`, a shared
secret (HS256 with the public key as its secret) and a swapped algorithm never pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import errors as jose_errors
from joserfc import jwk, jws, jwt

from sharing_hub import errors

ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "OKP": ("Ed25519", "EdDSA"),
    "EC": ("ES256",),
    "RSA": ("PS256", "RS256"),
}
ALL_ALGORITHMS = tuple(name for names in ALGORITHMS.values() for name in names)
MAX_KEYS = 10
_MEMBERS = {"OKP": ("crv", "x"), "EC": ("crv", "x", "y"), "RSA": ("n", "e")}
_CURVES = {"OKP": "Ed25519", "EC": "P-256"}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA_BITS = range(2048, 4097)
_MAX_KID_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as it is kept.

    Attributes:
        kid: what its owner calls it; else its thumbprint.
        thumbprint: RFC 7638, SHA-256.
        jwk: kty and the public members, no others.
    """

    kid: str
    thumbprint: str
    jwk: Mapping[str, str]


def read(key_set: Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """Return the keys of a JWK set (or of one JWK).

    Raises:
        Unprocessable: there is none, there are too many, or one is private, weak, malformed or there twice; the words name it.
    """
    found = key_set.get("keys", [key_set])
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_KEYS:
        raise errors.Unprocessable(f"keys: a JWK set has 1 to {MAX_KEYS} keys")
    keys = tuple(_read_one(f"keys.{place}", one) for place, one in enumerate(found))
    if len({key.thumbprint for key in keys}) != len(keys):
        raise errors.Unprocessable("keys: one key is there twice")
    return keys


def verified(token: str, key: Mapping[str, str]) -> dict[str, Any]:
    """Return the claims that this key signed; nothing of them is checked yet.

    Raises:
        Unauthenticated: the signature, its algorithm or the form is wrong.
    """
    try:
        allowed = _Registry(algorithms=ALGORITHMS[key["kty"]])
        return dict(jwt.decode(token, _imported(key), algorithms=ALGORITHMS[key["kty"]], registry=allowed).claims)
    except (jose_errors.JoseError, ValueError, TypeError, RecursionError) as e:
        raise errors.Unauthenticated("the assertion's signature is not this client's") from e


class _Registry(jws.JWSRegistry):
    """The library's, that takes `EdDSA` for its new name Ed25519 (RFC 9864): many systems still say the old one."""

    def get_alg(self, name: str) -> Any:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


def _read_one(where: str, raw: Any) -> PublicKey:
    if not isinstance(raw, Mapping) or raw.get("kty") not in ALGORITHMS:
        raise errors.Unprocessable(f"{where}: a key has kty OKP (Ed25519), EC (P-256) or RSA")
    kty: str = raw["kty"]
    if _PRIVATE & raw.keys():
        raise errors.Unprocessable(f"{where}: this is a private key; keep it, and send its public part only")
    if raw.get("use", "sig") != "sig" or raw.get("alg", ALGORITHMS[kty][0]) not in ALGORITHMS[kty]:
        raise errors.Unprocessable(f"{where}: the key is for {', '.join(ALGORITHMS[kty])} signatures only")
    members = {name: raw.get(name) for name in _MEMBERS[kty]}
    if not all(isinstance(value, str) and len(value) <= 1000 for value in members.values()):
        raise errors.Unprocessable(f"{where}: a key of kty {kty} has {', '.join(members)} as text")
    if kty in _CURVES and members["crv"] != _CURVES[kty]:
        raise errors.Unprocessable(f"{where}: crv is {_CURVES[kty]}")
    kept = {"kty": kty, **{name: str(value) for name, value in members.items()}}
    try:
        key = _imported(kept)
        thumbprint = str(key.thumbprint())
        bits = key.public_key.key_size if isinstance(key, jwk.RSAKey) else 0
    except (jose_errors.JoseError, ValueError, TypeError) as e:
        raise errors.Unprocessable(f"{where}: not a key of kty {kty}") from e
    if kty == "RSA" and bits not in _RSA_BITS:
        raise errors.Unprocessable(f"{where}: an RSA key has {_RSA_BITS[0]} to {_RSA_BITS[-1]} bits")
    kid = raw.get("kid", thumbprint)
    if not isinstance(kid, str) or not 1 <= len(kid) <= _MAX_KID_CHARACTERS or not kid.isprintable():
        raise errors.Unprocessable(f"{where}: a kid has 1 to {_MAX_KID_CHARACTERS} printable characters")
    return PublicKey(kid, thumbprint, kept)


def _imported(key: Mapping[str, str]) -> jwk.OKPKey | jwk.ECKey | jwk.RSAKey:
    kinds: dict[str, type[jwk.OKPKey] | type[jwk.ECKey] | type[jwk.RSAKey]] = {
        "OKP": jwk.OKPKey,
        "EC": jwk.ECKey,
        "RSA": jwk.RSAKey,
    }
    return kinds[key["kty"]].import_key(dict(key))
