from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents import errors
from camera_agents.sending import enrol, identity
from sharing_hub.wire import v1
from tests.support import certificates, fake_hub, messages

SECRET = "one-time-secret-of-the-site"
SITE = enrol.Site("north gate", "jikimi-agent/test")


@pytest.fixture
def made(tmp_path: Path) -> certificates.Made:
    return certificates.make(tmp_path / "tls")


@pytest.fixture
def hub(made: certificates.Made) -> Iterator[fake_hub.FakeHub]:
    with fake_hub.FakeHub((made.key, made.chain)) as running:
        running.secrets.add(SECRET)
        yield running


@pytest.fixture
def plain_hub() -> Iterator[fake_hub.FakeHub]:
    with fake_hub.FakeHub() as running:
        running.secrets.add(SECRET)
        yield running


def token(url: str, authority_sha256: str | None = None) -> str:
    return v1.EnrolmentToken(hub_url=url, secret=SECRET, authority_sha256=authority_sha256).text()


def test_a_token_with_the_authoritys_fingerprint_pins_it(
    tmp_path: Path, hub: fake_hub.FakeHub, made: certificates.Made
) -> None:
    me = enrol.enrol(token(hub.url, made.fingerprint), SITE, tmp_path, messages.NOON)
    assert me.authority_pem is not None
    assert me.authority_pem.split() == made.authority_pem.split()
    assert hub.keys == {str(me.agent_id): identity.public_key(me.key)}
    assert identity.Identity.load(tmp_path).record == me.record


def test_another_hub_at_that_address_never_sees_the_secret(
    tmp_path: Path, hub: fake_hub.FakeHub, made: certificates.Made
) -> None:
    other = certificates.make(tmp_path / "other")
    with pytest.raises(errors.EnrolmentFailed, match="another fingerprint"):
        enrol.enrol(token(hub.url, other.fingerprint), SITE, tmp_path, messages.NOON)
    assert hub.memory.order == []


def test_an_impostor_that_shows_the_true_authority_in_its_chain_never_sees_the_secret(
    tmp_path: Path, made: certificates.Made
) -> None:
    impostor = certificates.make(tmp_path / "impostor")
    chain = impostor.chain.read_text() + made.authority_pem
    impostor.chain.write_text(chain)
    with fake_hub.FakeHub((impostor.key, impostor.chain)) as hub:
        hub.secrets.add(SECRET)
        with pytest.raises(errors.EnrolmentFailed, match="certificate"):
            enrol.enrol(token(hub.url, made.fingerprint), SITE, tmp_path, messages.NOON)
        assert hub.memory.order == []
        assert hub.secrets == {SECRET}


def test_without_a_fingerprint_the_public_authorities_decide(tmp_path: Path, hub: fake_hub.FakeHub) -> None:
    with pytest.raises(errors.EnrolmentFailed, match="certificate"):
        enrol.enrol(token(hub.url), SITE, tmp_path, messages.NOON)


def test_plain_http_is_taken_on_this_machine_only(tmp_path: Path, plain_hub: fake_hub.FakeHub) -> None:
    assert enrol.enrol(token(plain_hub.url), SITE, tmp_path / "here", messages.NOON).authority_pem is None
    with pytest.raises(errors.EnrolmentFailed, match="needs TLS"):
        enrol.enrol(token("http://10.0.0.7:8000"), SITE, tmp_path / "there", messages.NOON)


def test_a_token_that_was_used_is_refused_with_the_hubs_words(tmp_path: Path, plain_hub: fake_hub.FakeHub) -> None:
    plain_hub.secrets.clear()
    with pytest.raises(errors.EnrolmentFailed, match="used or never made"):
        enrol.enrol(token(plain_hub.url), SITE, tmp_path, messages.NOON)


def test_an_attempt_that_failed_is_repeated_with_the_same_key(tmp_path: Path, plain_hub: fake_hub.FakeHub) -> None:
    plain_hub.next_answers["enrolment"].append(fake_hub.Answer(500))
    with pytest.raises(errors.EnrolmentFailed):
        enrol.enrol(token(plain_hub.url), SITE, tmp_path, messages.NOON)
    key = (tmp_path / "identity" / "agent.key").read_bytes()
    me = enrol.enrol(token(plain_hub.url), SITE, tmp_path, messages.NOON)
    assert (tmp_path / "identity" / "agent.key").read_bytes() == key
    assert plain_hub.keys == {str(me.agent_id): identity.public_key(me.key)}


def test_an_agent_that_has_an_identity_keeps_it(tmp_path: Path, plain_hub: fake_hub.FakeHub) -> None:
    enrol.enrol(token(plain_hub.url), SITE, tmp_path, messages.NOON)
    plain_hub.secrets.add(SECRET)
    with pytest.raises(errors.IdentityError, match="holds an identity already"):
        enrol.enrol(token(plain_hub.url), SITE, tmp_path, messages.NOON)


def test_a_damaged_token_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(errors.EnrolmentFailed, match="copy the whole line"):
        enrol.enrol(token("http://127.0.0.1:1")[:-9], SITE, tmp_path, messages.NOON)
    assert list(tmp_path.iterdir()) == []


def test_a_hub_that_is_not_there_is_an_enrolment_that_failed(tmp_path: Path) -> None:
    with pytest.raises(errors.EnrolmentFailed):
        enrol.enrol(token("http://127.0.0.1:1"), SITE, tmp_path, messages.NOON)
