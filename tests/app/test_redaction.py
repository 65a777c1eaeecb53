"""What is secret is taken out, however it is written, and nothing else is."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from app.config import Settings
from app.keyring import Keyring
from app.redaction import Redactor, secrets_of

SECRETS = ("AQC2AGAJ-token", 'pass "wörd\\ with all', "short", "AQC2AGAJ")
clean = Redactor(lambda: SECRETS)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "write", [str, repr, json.dumps, quote, lambda text: f"a{text}b", lambda text: f"{text}{text}"]
)
def test_a_known_secret_is_replaced_wherever_and_however_it_stands(secret: str, write: object) -> None:
    text = clean(f"before {write(secret)} after")  # type: ignore[operator]
    assert "***" in text
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert not any(each in text for each in (*SECRETS, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret)))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: OAuth canary-1", "Authorization: ***"),
        ("{'authorization': 'OAuth canary-1', 'a': 1}", "{'authorization': '***', 'a': 1}"),
        ('{"Authorization": "ApiKey canary-1"}', '{"Authorization": "***"}'),
        ("[(b'Authorization', b'Basic canary-1')]", "[(b'Authorization', b'***')]"),
        ("Toloka-Signature: {ts=1,sign=canary-1}\nnext", "Toloka-Signature: ***\nnext"),
        ("with OAuth canary-canary as the key", "with OAuth *** as the key"),
        ("https://b/x?X-Amz-Date=1&X-Amz-Signature=canary-1&y=2", "https://b/x?X-Amz-Date=***&X-Amz-Signature=***&y=2"),
        ("https://b/x?x-goog-signature=canary-1", "https://b/x?x-goog-signature=***"),
        ("https://b/x?sv=1&sig=canary%2B1 gone", "https://b/x?sv=1&sig=*** gone"),
    ],
)
def test_what_is_written_like_a_secret_is_replaced(text: str, cleaned: str) -> None:
    assert Redactor(lambda: ())(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pool 1004: ASSIGNMENT_SUBMITTED 00000003ec--65f0c0de",
        "https://pictures.example/a.jpg?size=640&page=2",
        "toloka trouble kind=auth status=401",
        "design=2&signal=3",
    ],
)
def test_nothing_else_is_touched(text: str) -> None:
    assert clean(text) == text


def test_a_deployments_secrets_are_all_known_and_new_ones_at_once(tmp_path: Path) -> None:
    settings = Settings(
        keyring=tmp_path / "keys",
        token="t-token",
        page_password="p-word",
        webhook_secrets={"main": ("w-one", "w-two"), "other": ("w-three",)},
    )
    fixed = {"t-token", "p-word", "w-one", "w-two", "w-three"}
    hide = Redactor(secrets_of(settings))
    assert set(secrets_of(settings)()) == fixed
    keyring = Keyring(settings.keyring)
    made, media = keyring.add("main").text, keyring.media_key().hex()
    assert set(secrets_of(settings)()) == fixed | {made, media}
    assert hide(f"t-token {made} {media}") == "*** *** ***"


def test_a_broken_keyring_keeps_no_line_from_being_written(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("not json")
    assert Redactor(secrets_of(Settings(keyring=tmp_path / "keys", token="t-token")))("t-token!") == "***!"
