import datetime
import stat
from pathlib import Path

import pytest
from joserfc import jwk, jwt

from camera_agents import errors
from camera_agents.sending import identity
from sharing_hub.wire import v1
from tests.support import agent_state, messages


def test_without_enrolment_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.NotEnrolled, match="jikimi-agent enroll"):
        identity.Identity.load(tmp_path)


def test_the_key_is_its_owners_alone(tmp_path: Path, me: identity.Identity) -> None:
    folder = tmp_path / "identity"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    (folder / "agent.key").chmod(0o644)
    with pytest.raises(errors.IdentityError, match="chmod 600"):
        identity.Identity.load(tmp_path)


def test_a_damaged_record_or_key_is_an_identity_error(tmp_path: Path, me: identity.Identity) -> None:
    key = tmp_path / "identity" / "agent.key"
    key.write_bytes(b"junk")
    with pytest.raises(errors.IdentityError, match=r"agent\.key"):
        identity.Identity.load(tmp_path)
    (tmp_path / "identity" / "agent.json").write_text("{}")
    with pytest.raises(errors.IdentityError, match="damaged"):
        identity.Identity.load(tmp_path)


def test_a_pinned_authority_that_is_missing_is_not_replaced_by_the_systems(tmp_path: Path) -> None:
    agent_state.enrolled(tmp_path, authority_pem="pem")
    (tmp_path / "identity" / "authority.pem").unlink()
    with pytest.raises(errors.IdentityError, match="pinned"):
        identity.Identity.load(tmp_path)


def test_a_signature_covers_the_whole_manifest(me: identity.Identity) -> None:
    signed = me.sign(messages.manifest(b"x"))
    altered = v1.SignedManifest(
        manifest=signed.manifest.model_copy(update={"camera_id": "other"}), signature=signed.signature
    )
    assert me.verifies(signed)
    assert not me.verifies(altered)


def test_the_token_says_who_for_whom_and_for_how_long(me: identity.Identity) -> None:
    public = jwk.OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": identity.public_key(me.key)})
    claims = jwt.decode(me.token(messages.NOON), public, algorithms=["Ed25519"]).claims
    assert claims["iss"] == str(me.agent_id)
    assert claims["aud"] == v1.AGENT_AUDIENCE
    assert claims["exp"] - claims["iat"] == v1.AGENT_TOKEN_LIFETIME_S
    assert claims["iat"] <= messages.NOON.timestamp() < claims["exp"]


def test_a_token_is_used_again_until_half_its_life(me: identity.Identity) -> None:
    clock = agent_state.Clock()
    tokens = identity.Tokens(me, clock)
    first = tokens.current()
    clock.pass_s(149)
    assert tokens.current() == first
    clock.pass_s(2)
    assert tokens.current() != first


def test_a_token_is_made_anew_when_the_clock_steps_back(me: identity.Identity) -> None:
    clock = agent_state.Clock()
    tokens = identity.Tokens(me, clock)
    first = tokens.current()
    clock.now -= datetime.timedelta(hours=1)
    assert tokens.current() != first
