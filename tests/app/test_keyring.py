"""The keyring: secrets that are generated, believed for a while, and never seen by others."""

import stat
from pathlib import Path

import pytest

from app.keyring import BadKeyring, Keyring, KeyringBusy


def test_a_tag_has_no_secret_until_one_is_made(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    assert (keyring.tags(), keyring.live("main", 0.0)) == ((), ())
    made = keyring.add("main")
    assert len(made.text) >= 32
    assert (keyring.tags(), keyring.live("main", 0.0)) == (("main",), (made.text,))


def test_a_retired_secret_is_believed_for_a_while(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    old, new = keyring.add("main"), keyring.add("main")
    keyring.retire("main", until=100.0)
    assert keyring.live("main", 99.0) == (old.text, new.text)
    assert keyring.live("main", 100.0) == (new.text,)
    keyring.drop("main", 100.0)
    assert [each.text for each in keyring.secrets("main")] == [new.text]


def test_a_later_retirement_does_not_prolong_an_earlier_one(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    for until in (100.0, 200.0):
        keyring.add("main")
        keyring.add("main")
        keyring.retire("main", until)
    assert [each.until for each in keyring.secrets("main")] == [100.0, 200.0, 200.0, None]


def test_an_earlier_retirement_shortens_a_later_one(tmp_path: Path) -> None:
    """A leaked secret is not believed for a day because a former rotation said so."""
    keyring = Keyring(tmp_path / "keys")
    for until in (200.0, 100.0):
        keyring.add("main")
        keyring.add("main")
        keyring.retire("main", until)
    assert [each.until for each in keyring.secrets("main")] == [100.0, 100.0, 100.0, None]


def test_where_nothing_is_over_nothing_is_written(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    keyring.drop("main", 100.0)
    assert not keyring.path.exists()
    keyring.add("main")
    before = keyring.path.stat()
    keyring.drop("main", 100.0)
    keyring.drop("other", 100.0)
    assert keyring.path.stat() == before
    assert keyring.tags() == ("main",)


def test_one_command_at_a_time_registers_what_is_signed(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    with keyring.alone():
        with pytest.raises(KeyringBusy, match="keys"), Keyring(tmp_path / "keys").alone():
            pass
        keyring.add("main")
    with Keyring(tmp_path / "keys").alone():
        assert keyring.tags() == ("main",)
    with pytest.raises(BadKeyring, match="no/such"), Keyring(tmp_path / "no" / "such" / "keys").alone():
        pass


def test_another_process_sees_a_change_at_once(tmp_path: Path) -> None:
    reader, writer = Keyring(tmp_path / "keys"), Keyring(tmp_path / "keys")
    assert reader.live("main", 0.0) == ()
    made = writer.add("main")
    assert reader.live("main", 0.0) == (made.text,)


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    keyring.add("main")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_the_media_key_stays(tmp_path: Path) -> None:
    key = Keyring(tmp_path / "keys").media_key()
    assert len(key) == 32
    assert Keyring(tmp_path / "keys").media_key() == key


def test_no_secret_shows_in_its_repr(tmp_path: Path) -> None:
    made = Keyring(tmp_path / "keys").add("main")
    assert made.text not in repr(made)


def test_what_is_no_keyring_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("not json")
    with pytest.raises(BadKeyring, match="keys"):
        Keyring(tmp_path / "keys").live("main", 0.0)
    with pytest.raises(BadKeyring, match="no/such"):
        Keyring(tmp_path / "no" / "such" / "keys").add("main")
