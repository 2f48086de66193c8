"""A kept secret opens for what it was sealed for, with this installation's key, and not otherwise."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from nattbok.db import vault
from nattbok.db.vault import CannotBeOpened, opened, sealed


@pytest.fixture
def key(monkeypatch):
    """Changes the installation's key for as long as the test lasts."""

    def changed(*keys: bytes):
        monkeypatch.setenv("NATTBOK_VAULT_KEY", b" ".join(keys).decode())
        vault._keys.cache_clear()

    yield changed
    vault._keys.cache_clear()


@given(st.binary(max_size=4000))
def test_what_is_sealed_opens_again(secret):
    kept = sealed(secret, purpose="test")
    assert opened(kept, purpose="test") == secret
    assert len(secret) < 4 or secret not in kept


def test_a_secret_opens_for_its_own_purpose_alone():
    kept = sealed(b"the seed", purpose="factor:1")
    with pytest.raises(CannotBeOpened):
        opened(kept, purpose="factor:2")


@pytest.mark.parametrize("place", [0, 10, -1])
def test_an_altered_secret_does_not_open(place):
    kept = bytearray(sealed(b"the seed", purpose="test"))
    kept[place] ^= 1
    with pytest.raises(CannotBeOpened):
        opened(bytes(kept), purpose="test")


def test_a_new_key_opens_what_the_old_one_sealed_while_both_are_given(key):
    old, new = Fernet.generate_key(), Fernet.generate_key()
    key(old)
    kept = sealed(b"the seed", purpose="test")
    key(new, old)
    assert opened(kept, purpose="test") == b"the seed"
    key(new)
    with pytest.raises(CannotBeOpened):
        opened(kept, purpose="test")


def test_the_installations_own_key_is_made_once_and_for_its_user_alone(tmp_path, monkeypatch, key):
    monkeypatch.delenv("NATTBOK_VAULT_KEY", raising=False)
    monkeypatch.setattr(vault, "home", lambda: tmp_path)
    vault._keys.cache_clear()
    kept = sealed(b"the seed", purpose="test")
    vault._keys.cache_clear()
    assert opened(kept, purpose="test") == b"the seed"
    assert (tmp_path / "secrets" / "vault").stat().st_mode & 0o777 == 0o600
