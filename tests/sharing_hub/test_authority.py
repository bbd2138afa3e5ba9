"""The hub's own authority: keys kept private, certificates that real TLS accepts, renewal in time."""

import datetime
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from sharing_hub import address, authority, server_settings, settings
from tests.support import messages

NAMES = ("localhost", "127.0.0.1", "::1", "hub.example.kr")


def serial(files: authority.Files) -> int:
    return x509.load_pem_x509_certificates(files.certificate.read_bytes())[0].serial_number


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    authority.prepare(tmp_path / "authority", NAMES, messages.NOON)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "authority").iterdir()}
    assert modes["authority.key"] == modes["server.key"] == 0o600


def test_a_good_certificate_is_kept_and_the_authority_never_changes(tmp_path: Path) -> None:
    first = serial(authority.prepare(tmp_path, NAMES, messages.NOON))
    pinned = authority.fingerprint(tmp_path)
    assert serial(authority.prepare(tmp_path, NAMES, messages.NOON + datetime.timedelta(days=300))) == first
    assert serial(authority.prepare(tmp_path, NAMES, messages.NOON + datetime.timedelta(days=368))) != first
    assert authority.fingerprint(tmp_path) == pinned


def test_another_name_makes_another_certificate(tmp_path: Path) -> None:
    first = serial(authority.prepare(tmp_path, NAMES, messages.NOON))
    assert serial(authority.prepare(tmp_path, (*NAMES, "new.example.kr"), messages.NOON)) != first


def test_a_kill_between_key_and_certificate_is_repaired(tmp_path: Path) -> None:
    files = authority.prepare(tmp_path, NAMES, messages.NOON)
    other = authority.prepare(tmp_path / "other", NAMES, messages.NOON)
    files.key.write_bytes(other.key.read_bytes())
    repaired = authority.prepare(tmp_path, NAMES, messages.NOON)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(repaired.certificate, repaired.key)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_client_that_pins_the_authority_is_served(tmp_path: Path, name: str) -> None:
    files = authority.prepare(tmp_path, NAMES, datetime.datetime.now(datetime.UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    here, there = socket.socketpair()

    def answer() -> None:
        with server.wrap_socket(there, server_side=True) as secured:
            secured.sendall(b"hello")

    thread = threading.Thread(target=answer)
    thread.start()
    client = ssl.create_default_context(cafile=str(tmp_path / authority.AUTHORITY_FILE))
    with client.wrap_socket(here, server_hostname=name) as secured:
        assert secured.recv(5) == b"hello"
    thread.join()


def test_an_enrolment_token_pins_the_authority_only_where_the_hub_uses_it(tmp_path: Path) -> None:
    authority.prepare(tmp_path / "authority", NAMES, messages.NOON)
    secret = "s" * 30
    open_hub = settings.Settings(data_dir=tmp_path)
    own = settings.Settings(data_dir=tmp_path, tls=server_settings.Tls(mode="authority"))
    assert address.enrolment_token(open_hub, secret).authority_sha256 is None
    assert address.enrolment_token(own, secret).authority_sha256 == authority.fingerprint(tmp_path / "authority")
    assert address.enrolment_token(own, secret).hub_url == "https://127.0.0.1:8443"


def test_what_is_handed_out_is_signed_under_the_same_authority_with_a_key_of_its_own(tmp_path: Path) -> None:
    now = datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC)
    server = authority.prepare(tmp_path, ["localhost"], now)
    pinned = authority.fingerprint(tmp_path)
    signer = authority.prepare_signer(tmp_path, now)
    assert authority.fingerprint(tmp_path) == pinned
    assert signer.key.read_bytes() != server.key.read_bytes() and signer.key.stat().st_mode & 0o777 == 0o600
    kept = signer.certificate.read_bytes()
    assert authority.prepare_signer(tmp_path, now + datetime.timedelta(days=300)).certificate.read_bytes() == kept
    assert authority.prepare_signer(tmp_path, now + datetime.timedelta(days=380)).certificate.read_bytes() != kept
