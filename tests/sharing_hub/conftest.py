"""What the hub's tests set up again and again."""

import pwdlib
import pytest
from pwdlib.hashers import argon2

from sharing_hub.services import passwords

_PRODUCT = (passwords.HASHER, passwords.DECOY)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashing a password take microseconds, where the product takes 64 MiB and a tenth of a second; hubs that are processes do as the product."""
    cheap = pwdlib.PasswordHash((argon2.Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "HASHER", cheap)
    monkeypatch.setattr(passwords, "DECOY", cheap.hash("nobody's"))


@pytest.fixture
def dear_passwords(cheap_passwords: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the product does."""
    for name, product in zip(("HASHER", "DECOY"), _PRODUCT, strict=True):
        monkeypatch.setattr(passwords, name, product)
