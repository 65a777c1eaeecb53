"""Secrets are planted in a service that runs under fire: none of them is in its lines, its files or its pages."""

import base64
import http.client
import json
import socket
from contextlib import closing
from pathlib import Path

from clerk import Office, handed_in
from echo import echoing
from ledger import OUTLINING
from served import serving, until

from app.keyring import Keyring
from store.records import Event
from webhooks.signature import sign

TOKEN, PASSWORD, SECRET = "canary-token-1", 'canary "pässword', "canary-webhook-secret"
BASIC = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
PRESIGNED = "/nowhere?X-Amz-Signature=canary-presigned&sig=canary-presigned"


def asked(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request(method, path, body, given)
            response = connection.getresponse()
            return response.status, response.read()
    except OSError:
        return 0, b""


def under_fire(port: int, made: str) -> bytes:
    """Send what is wrong in many ways, with secrets in it; return all that the pages say."""
    body = json.dumps({"events": [{"uuid": made, "type": made, "pool_id": "1"}]}).encode()
    typed = {"Content_Type": "application/json"}
    for signature in ("", SECRET, f"ts=1,sign={made}", sign(made, body, 1)):
        asked(port, "POST", "/webhooks/toloka/main", b"{}", Toloka_Signature=signature, **typed)
    asked(port, "POST", "/webhooks/toloka/main", b"{canary", Toloka_Signature=sign(SECRET, b"{canary", 1), **typed)
    for path in (PRESIGNED, f"/{made}", f"/?state={SECRET}", "/events/1"):
        asked(port, "GET", path, Authorization="Basic canary-canary", X_Long=made * 100)
    for broken in (f"{TOKEN} at the door", f"GET /{SECRET} HTTP/1.1\r\nA({made}): b", f"GET {PRESIGNED} HTTP/9.9"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"{broken}\r\n\r\n".encode())
            connection.recv(1000)
    pages = ("/", "/metrics", "/assignments", "/readyz", *(f"/events/{seq}" for seq in range(1, 4)))
    told = [asked(port, "GET", page, Authorization=BASIC) for page in pages]
    assert [status for status, _ in told] == [200] * len(pages)
    return b"".join(said for _, said in told)


def test_no_secret_comes_out_of_a_service_under_fire(tmp_path: Path) -> None:
    office = Office(tmp_path)
    handed_in(office, "a1")
    handed_in(office, "a2")
    office.store.append([(b"{}", [_items()])])
    office.store.close()
    made = Keyring(tmp_path / "crowdhook.keyring").add("main").text
    (tmp_path / "token").write_text(TOKEN)
    env = {
        "TOLOKA_TOKEN_FILE": str(tmp_path / "token"),
        "CROWDHOOK_WEBHOOK_SECRETS": f"main:{SECRET}",
        "CROWDHOOK_PAGE_PASSWORD": PASSWORD,
        "CROWDHOOK_LOG": "json",
    }
    with echoing() as toloka, serving(tmp_path, {**env, "TOLOKA_ENVIRONMENT": toloka}) as (port, lines):
        until(lambda: asked(port, "GET", "/readyz")[0] == 200)
        pages = under_fire(port, made)
        until(lambda: sum("toloka trouble" in line for line in lines) >= 4)
        pages += under_fire(port, made)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("crowdhook.db*"))
    print("".join(lines))
    assert {json.loads(line)["logger"] for line in lines} >= {
        "gunicorn.error",
        "handlers.dispatcher",
        "webhooks.receiver",
    }
    assert sum("***" in line for line in lines) >= 4
    for canary in ("canary", made, BASIC.split()[1], json.dumps(PASSWORD)[1:-1]):
        assert canary not in "".join(lines)
        assert canary.encode() not in files
        assert canary.encode() not in pages


def _items() -> Event:
    items = [{"key": "1.png", "url": "https://pictures.example/1.png"}]
    return Event("items", "ITEMS_ADDED", OUTLINING, 1.0, source="crowdhook", payload={"items": items})
