"""Which secret signs: the keyring's newest before the environment's last, and none is ever lost on the way."""

from pathlib import Path

import pytest

from app.keyring import Keyring
from app.signing import BadTag, KeptByYou, NothingToRotate, Signing

NOW = 1_000.0


def signing(folder: Path, tag: str = "main", **own: tuple[str, ...]) -> Signing:
    return Signing(Keyring(folder / "keys"), own, tag, lambda: NOW)


def test_the_first_secret_is_made_and_then_stays(tmp_path: Path) -> None:
    made = signing(tmp_path).secret()
    assert (signing(tmp_path).secret(), Keyring(tmp_path / "keys").live("main", NOW)) == (made, (made,))


def test_the_environments_last_secret_signs_where_the_keyring_has_none(tmp_path: Path) -> None:
    assert signing(tmp_path, main=("older", "newer")).secret() == "newer"
    assert Keyring(tmp_path / "keys").tags() == ()
    made = Keyring(tmp_path / "keys").add("main").text
    assert signing(tmp_path, main=("older", "newer")).secret() == made


def test_a_rotation_that_began_goes_on_with_its_secret(tmp_path: Path) -> None:
    one = signing(tmp_path)
    old = one.secret()
    new = one.begin()
    assert (one.rotating, one.begin(), one.secret()) == (True, new, new)
    assert Keyring(tmp_path / "keys").live("main", NOW) == (old, new)


def test_a_rotation_that_ended_leaves_the_old_secret_for_a_while(tmp_path: Path) -> None:
    one = signing(tmp_path)
    old, new = one.secret(), one.begin()
    assert one.end(60.0) == NOW + 60.0
    keyring = Keyring(tmp_path / "keys")
    assert (one.rotating, keyring.live("main", NOW + 59), keyring.live("main", NOW + 60)) == (False, (old, new), (new,))
    one.tidy()
    assert len(keyring.secrets("main")) == 2
    Signing(keyring, {}, "main", lambda: NOW + 60.0).tidy()
    assert [each.text for each in keyring.secrets("main")] == [new]


def test_what_cannot_be_rotated_says_why(tmp_path: Path) -> None:
    with pytest.raises(NothingToRotate):
        signing(tmp_path).check_rotatable()
    with pytest.raises(KeptByYou, match="main:OLD,main:NEW"):
        signing(tmp_path, main=("a",)).check_rotatable()
    signing(tmp_path).secret()
    signing(tmp_path, main=("a",)).check_rotatable()


@pytest.mark.parametrize("tag", ["", "a/b", "a b", "ä", "a" * 65, "a\n", "..", "%41"])
def test_a_tag_is_a_plain_word(tmp_path: Path, tag: str) -> None:
    with pytest.raises(BadTag):
        signing(tmp_path, tag)


def test_no_secret_shows_in_its_repr(tmp_path: Path) -> None:
    one = signing(tmp_path, main=("canary",))
    made = Keyring(tmp_path / "keys").add("main").text
    assert one.secret() == made
    assert "canary" not in repr(one)
    assert made not in repr(one)
