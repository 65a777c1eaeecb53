"""The pages over a store, as a reader sees them: without scripts or styles, what the server says."""

import re
from html import unescape

from flask.testing import FlaskClient

from store.sqlite import SqliteStore
from webhooks.web import create_app

AT = 1714557600.0  # 2024-05-01 10:00:00 UTC


def client(store: SqliteStore) -> FlaskClient:
    """Somebody on this machine, at ten and one minute of machine time."""
    return create_app(
        store,
        secrets=lambda tag: (),
        page_password=None,
        free_bytes=lambda: 2**40,
        machine_clock=lambda: AT + 60,
        platform_clock=lambda: AT + 30,
    ).test_client()


def text(client: FlaskClient, path: str) -> str:
    """What a reader sees of a page, in one line."""
    reply = client.get(path)
    assert reply.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reply.text)).split())
