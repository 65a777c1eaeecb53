"""`crowdhook subscribe` against a simulated Toloka and a real receiver: told once, and only when the URL is ours."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from deployment import RUNS, Live, deployed, free_port, receiving, refused
from proxy import after, passing

from simulator.account.subscriptions import upsert
from store.migrations import migrate
from store.records import Binding
from store.sqlite import SqliteStore

OWN = ("own-0123456789abcdef", "own-fedcba9876543210")  # of the tag that only the environment knows
TYPES = {
    "outlining": ("ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED", "ASSIGNMENT_SUBMITTED", "POOL_CLOSED"),
    "checking": ("ASSIGNMENT_APPROVED", "ASSIGNMENT_SUBMITTED", "POOL_CLOSED"),
}
PROVING = 2  # notifications that are posted before Toloka is told
THEIRS = "https://ann:canary@theirs.example/hook?token=canary"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with deployed(tmp_path_factory.mktemp("live")) as live:
        live.keyring.add("main")
        with receiving(live, CROWDHOOK_WEBHOOK_SECRETS=",".join(f"own:{each}" for each in OWN)):
            yield live


@pytest.fixture
def live(running: Live) -> Live:
    """A deployment that nothing is registered for."""
    running.forget()
    return running


def wanted(live: Live, *runs: str) -> set[tuple[str, str]]:
    return {(live.pools[run, role], kind) for run in runs or RUNS for role, kinds in TYPES.items() for kind in kinds}


def subscribe_elsewhere(live: Live, pool_id: str, event_type: str, url: str = THEIRS) -> str:
    """As somebody else, or an older version, would have; returns the id."""
    body = {"pool_id": pool_id, "event_type": event_type, "webhook_url": url, "secret_key": "theirs"}
    with live.world.lock:
        return upsert(live.world.state, body)[0].id


def test_from_nothing_to_subscribed(tmp_path: Path) -> None:
    """The first run makes the secret that the receiver needs to start; the second registers."""
    with deployed(tmp_path) as live:
        refused(live.crowdhook("subscribe"), "Nobody answers there", "crowdhook serve", live.url)
        assert live.subscriptions() == []
        with receiving(live):
            done = live.crowdhook("subscribe")
        assert done.exit_code == 0, done.output
        assert live.pairs() == wanted(live)
        assert len(live.keyring.secrets("main")) == 1


def test_all_runs_are_registered_signed_and_tried(live: Live) -> None:
    before = len(live.stored("TEST_EVENT"))
    done = live.crowdhook("subscribe")
    assert done.exit_code == 0, done.output
    assert live.pairs() == wanted(live)
    assert {each.secret for each in live.subscriptions()} == {live.keyring.secrets("main")[-1].text}
    assert len(live.stored("TEST_EVENT")) == before + 1 + 5 * 14
    rows = [line for line in done.output.splitlines() if "works" in line]
    assert len(rows) == 14
    assert all(any(each.id in row and each.event_type in row for row in rows) for each in live.subscriptions())
    assert "image-segmentation live outlining" in rows[-7]
    assert "All 14 work." in done.output


def test_once_more_changes_nothing(live: Live) -> None:
    live.crowdhook("subscribe")
    before = live.subscriptions()
    assert live.crowdhook("subscribe").exit_code == 0
    assert live.subscriptions() == before


def test_one_run_of_one_pipeline(live: Live) -> None:
    assert live.crowdhook("subscribe", "image-segmentation", "--run", "later").exit_code == 0
    assert live.pairs() == wanted(live, "later")


def test_another_tag_has_a_secret_and_a_path_of_its_own(live: Live) -> None:
    done = live.crowdhook("subscribe", "--tag", "second", "--run", "live")
    assert done.exit_code == 0, done.output
    assert live.pairs(f"{live.url}/webhooks/toloka/second") == wanted(live, "live")
    assert {each.secret for each in live.subscriptions()} == {live.keyring.secrets("second")[0].text}


def test_the_list_shows_all_four_and_changes_nothing(live: Live) -> None:
    live.crowdhook("subscribe", "image-segmentation", "--run", "live")
    pool_id, checking = live.pools["later", "outlining"], live.pools["live", "checking"]
    theirs = subscribe_elsewhere(live, pool_id, "POOL_CLOSED")
    nobody = subscribe_elsewhere(live, checking, "ASSIGNMENT_SKIPPED", live.hook)
    keyring, before = live.keyring.path.read_bytes(), live.subscriptions()
    asked = dict(live.simulator.requests)
    done = live.crowdhook("subscribe", "--list")
    assert done.exit_code == 0, done.output
    assert "7 present, 7 missing, 1 elsewhere, 1 superfluous." in done.output
    lines = done.output.splitlines()
    (elsewhere,) = (line for line in lines if theirs in line)
    assert "later outlining" in elsewhere
    assert "https://theirs.example/hook" in elsewhere
    assert "canary" not in done.output
    assert [line for line in lines if nobody in line and "superfluous" in line and "live checking" in line]
    assert sum("present" in line and "2025-01-06 09:00 UTC" in line for line in lines) == 7
    assert (live.keyring.path.read_bytes(), live.subscriptions()) == (keyring, before)
    changed = {name for name, count in live.simulator.requests.items() if count != asked.get(name)}
    assert {name.split()[0] for name in changed} == {"GET"}


def test_the_list_of_one_run_is_about_it_alone(live: Live) -> None:
    live.crowdhook("subscribe")
    done = live.crowdhook("subscribe", "image-segmentation", "--run", "later", "--list")
    assert "7 present, 0 missing, 0 elsewhere, 0 superfluous." in done.output


def test_the_list_needs_no_receiver(live: Live) -> None:
    done = live.crowdhook("subscribe", "--list", "--url", "https://not-there.invalid")
    assert done.exit_code == 0
    assert "0 present, 14 missing" in done.output


def test_what_is_sent_elsewhere_is_told_and_left_alone(live: Live) -> None:
    theirs = subscribe_elsewhere(live, live.pools["live", "outlining"], "POOL_CLOSED")
    done = live.crowdhook("subscribe")
    assert done.exit_code == 0
    assert "Sent elsewhere, too, and left alone: 1;" in done.output
    assert [each.secret for each in live.subscriptions() if each.id == theirs] == ["theirs"]
    assert live.pairs() == wanted(live)


def test_removing_asks_and_leaves_the_others(live: Live) -> None:
    live.crowdhook("subscribe")
    kept = {
        subscribe_elsewhere(live, live.pools["live", "outlining"], "POOL_CLOSED"),
        subscribe_elsewhere(live, live.pools["live", "outlining"], "POOL_CLOSED", f"{live.hook}-2"),
    }
    for answer in ("", "n\n"):
        assert live.crowdhook("subscribe", "--remove", answer=answer).exit_code == 1
        assert live.pairs() == wanted(live)
    done = live.crowdhook("subscribe", "--remove", answer="y\n")
    assert done.exit_code == 0, done.output
    assert "Deleted: 14 subscriptions." in done.output
    assert {each.id for each in live.subscriptions()} == kept
    assert "Nothing is sent to" in live.crowdhook("subscribe", "--remove", "--yes").output


def test_removing_one_run_leaves_the_other(live: Live) -> None:
    live.crowdhook("subscribe")
    assert live.crowdhook("subscribe", "image-segmentation", "--run", "live", "--remove", "--yes").exit_code == 0
    assert live.pairs() == wanted(live, "later")


def test_what_is_nobodys_at_our_url_is_removed_with_all(live: Live) -> None:
    subscribe_elsewhere(live, live.pools["live", "checking"], "ASSIGNMENT_SKIPPED", live.hook)
    assert live.crowdhook("subscribe", "--remove", "--yes").exit_code == 0
    assert live.subscriptions() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.org", "https://host"),
        ("https://ann:canary@example.org", "password"),
        ("https://example.org/?to=canary", "query"),
        ("https://example.org/#canary", "fragment"),
        ("https://10.1.2.3", "private"),
        ("https://169.254.169.254", "metadata"),
        ("https://100.64.0.1", "CGNAT"),
        ("https://[fd00::1]", "private"),
        ("https://[::ffff:127.0.0.1]", "IPv4"),
        ("https://nowhere.invalid", "not known"),
    ],
)
def test_a_bad_url_is_named_and_nothing_is_done(live: Live, url: str, words: str) -> None:
    for command in ((), ("--rotate",)):
        line = refused(live.crowdhook("subscribe", "--url", url, *command), "post to this URL", words)
        assert "canary" not in line
    assert live.subscriptions() == []
    assert len(live.keyring.secrets("main")) == 1


def test_with_the_real_toloka_it_must_be_public_https(live: Live) -> None:
    for url, words in ((live.url, "not https"), ("https://127.0.0.1", "loopback"), ("https://localhost", "loopback")):
        refused(live.crowdhook("subscribe", "--url", url, TOLOKA_ENVIRONMENT="SANDBOX"), words)


def test_toloka_itself_is_no_place_to_post_to(live: Live) -> None:
    refused(live.crowdhook("subscribe", "--url", live.toloka.url), "Toloka itself")


def test_a_server_that_takes_everything_is_refused_as_not_verifying(live: Live) -> None:
    with passing(live.port, after(0, (200, b'{"status": "stored", "events": 1, "new": 1}'))) as stranger:
        refused(live.crowdhook("subscribe", "--url", stranger.url), "wrongly signed")
    assert live.subscriptions() == []


def test_a_server_with_another_keyring_is_refused(live: Live, tmp_path: Path) -> None:
    port, other = free_port(), tmp_path / "other.keyring"
    other.write_text('{"webhooks": {"main": [{"secret": "another-0123456789", "until": null}]}}')
    with receiving(live, PORT=str(port), CROWDHOOK_KEYRING=str(other)):
        refused(live.crowdhook("subscribe", "--url", f"http://127.0.0.1:{port}"), "another keyring")
    assert live.subscriptions() == []


def test_a_server_with_another_database_is_refused(live: Live, tmp_path: Path) -> None:
    port, other = free_port(), tmp_path / "other.db"
    migrate(other)
    keyring = str(live.keyring.path)
    with receiving(live, PORT=str(port), CROWDHOOK_KEYRING=keyring, CROWDHOOK_DATABASE=str(other)):
        refused(live.crowdhook("subscribe", "--url", f"http://127.0.0.1:{port}"), "another database")
    assert live.subscriptions() == []


def test_nobody_there_is_told(live: Live) -> None:
    refused(live.crowdhook("subscribe", "--url", f"http://127.0.0.1:{free_port()}"), "start `crowdhook serve`")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        hanging_up = threading.Thread(target=lambda: mute.accept()[0].close())
        hanging_up.start()
        refused(live.crowdhook("subscribe", "--url", f"http://127.0.0.1:{mute.getsockname()[1]}"), "Nobody answers")
        hanging_up.join()
    assert live.subscriptions() == []


def test_a_path_before_the_hook_is_kept(live: Live) -> None:
    line = refused(live.crowdhook("subscribe", "--url", f"{live.url}/crowd/"), "HTTP 404", "wrong path")
    assert live.subscriptions() == [], line


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "another keyring"), (404, "wrong path"), (302, "redirects"), (502, "proxy"), (503, "/readyz")],
)
def test_a_test_call_that_fails_is_explained(live: Live, status: int, words: str) -> None:
    """The proof goes through; what Toloka itself sends afterwards does not."""
    with passing(live.port, after(PROVING + 1, (status, b"no"))) as proxy:
        done = live.crowdhook("subscribe", "--run", "live", "--url", proxy.url)
    assert done.exit_code == 1
    assert done.output.count("works") == 1
    rows = [line for line in done.output.splitlines() if f"HTTP {status}" in line]
    assert len(rows) == 6
    assert all(words in row for row in rows)
    assert "6 of 7 do not work." in done.output


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"success": False, "errorType": "TOO_MANY_CONNECTIONS"}, "too many connections"),
        ({"success": False, "errorType": "REQUEST_TIMEOUT"}, "took too long"),
        ({"success": False, "errorType": "CONNECTION_ERROR"}, "cannot connect"),
        ({"success": False, "errorType": "INTERNAL_ERROR"}, "itself failed"),
        ({"success": False, "errorType": "UNKNOWN"}, "does not say why"),
        ({"code": "TOO_MANY_REQUESTS", "message": "slowly"}, "could not be tried"),
    ],
)
def test_a_failure_on_tolokas_side_is_explained(live: Live, outcome: dict[str, object], words: str) -> None:
    live.toloka.decide = after(0, (429 if "code" in outcome else 201, json.dumps(outcome).encode()), "/test")
    done = live.crowdhook("subscribe", "image-segmentation", "--run", "live")
    assert done.exit_code == 1
    rows = [line for line in done.output.splitlines() if "image-segmentation live" in line]
    assert len(rows) == 7
    assert all(words in row for row in rows)
    assert live.pairs() == wanted(live, "live")


def test_what_toloka_refuses_is_named_and_the_others_are_done(live: Live) -> None:
    known = Binding("image-segmentation", "live", "pool:checking", live.pools["live", "checking"])
    with closing(SqliteStore(live.database, time.time)) as store:
        store.bind(Binding("image-segmentation", "live", "pool:checking", "404"))
        line = refused(live.crowdhook("subscribe", "--run", "live"), "pool 404", "ENTITY_DOES_NOT_EXIST")
        store.bind(known)
    assert "VALIDATION_ERROR" in line
    assert live.pairs() == {pair for pair in wanted(live, "live") if pair[0] != known.object_id}


def test_a_secret_of_the_environment_is_used_the_last_one_first(live: Live) -> None:
    own = ",".join(f"own:{each}" for each in OWN)
    done = live.crowdhook("subscribe", "--tag", "own", "--run", "live", CROWDHOOK_WEBHOOK_SECRETS=own)
    assert done.exit_code == 0, done.output
    assert {each.secret for each in live.subscriptions()} == {OWN[-1]}
    assert "own" not in live.keyring.tags()


def test_a_secret_of_the_environment_is_rotated_by_hand(live: Live) -> None:
    own = f"own:{OWN[0]}"
    told = refused(
        live.crowdhook("subscribe", "--tag", "own", "--rotate", CROWDHOOK_WEBHOOK_SECRETS=own),
        "CROWDHOOK_WEBHOOK_SECRETS",
        "own:OLD,own:NEW",
        "restart",
    )
    assert OWN[0] not in told


def test_a_tag_without_a_secret_has_nothing_to_rotate(live: Live) -> None:
    refused(live.crowdhook("subscribe", "--tag", "fresh", "--rotate"), "no secret yet")
    assert "fresh" not in live.keyring.tags()


def test_while_another_is_at_it_nothing_is_done(live: Live) -> None:
    with live.keyring.alone():
        for command in ((), ("--rotate",)):
            refused(live.crowdhook("subscribe", *command), "Another command", "keyring")
    assert live.subscriptions() == []


def test_the_database_of_another_account_is_refused(tmp_path: Path) -> None:
    with deployed(tmp_path) as live:
        with closing(SqliteStore(live.database, time.time)) as store:
            store.claim_identity("somebody else", live.toloka.url)
        for command in ((), ("--list",), ("--rotate",), ("--remove", "--yes")):
            refused(live.crowdhook("subscribe", *command), "another account")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"CROWDHOOK_URL": ""}, ("CROWDHOOK_URL", "--url")),
        ({"TOLOKA_TOKEN": ""}, ("TOLOKA_TOKEN",)),
        ({"TOLOKA_TOKEN": "wrong"}, ("TOLOKA_TOKEN", "AUTHENTICATION_ERROR")),
        ({"CROWDHOOK_DATABASE": "/no/such/place.db"}, ("/no/such/place.db",)),
        ({"CROWDHOOK_KEYRING": "/no/such/place"}, ("/no/such/place",)),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(
    live: Live, change: dict[str, str], words: tuple[str, ...]
) -> None:
    refused(live.crowdhook("subscribe", **change), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("image-sorting",), ("image-sorting", "image-segmentation")),
        (("--run", "nobody's"), ("nobody's", "image-segmentation --run live")),
        (("--tag", "a/b"), ("'a/b'", "letters")),
        (("--tag", ""), ("letters",)),
    ],
)
def test_what_is_not_there_is_named(live: Live, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused(live.crowdhook("subscribe", *arguments), *words)


def test_without_a_run_there_is_nothing_to_subscribe(live: Live, tmp_path: Path) -> None:
    migrate(tmp_path / "empty.db")
    refused(live.crowdhook("subscribe", CROWDHOOK_DATABASE=str(tmp_path / "empty.db")), "none is set up yet")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--list", "--remove"),
        ("--rotate", "--remove"),
        ("--list", "--rotate"),
        ("--yes",),
        ("--grace", "1"),
        ("--rotate", "--grace", "-1"),
        ("image-segmentation", "--rotate"),
        ("--rotate", "--run", "live"),
    ],
)
def test_options_that_do_not_go_together_are_refused(live: Live, arguments: tuple[str, ...]) -> None:
    live.crowdhook("subscribe")
    done = live.crowdhook("subscribe", *arguments, answer="y\n")
    refused(done)
    assert live.pairs() == wanted(live)


def test_the_secret_is_nowhere_but_in_the_keyring(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not in what is printed or logged at any level, not in the database, not in what the receiver says."""
    caplog.set_level(logging.DEBUG)
    said = []
    with deployed(tmp_path) as live:
        live.crowdhook("subscribe")
        echo = {"code": "VALIDATION_ERROR", "message": live.keyring.secrets("main")[0].text}
        with receiving(live):
            live.toloka.decide = after(0, (400, json.dumps(echo).encode()), "PUT ")
            failed = live.crowdhook("subscribe")
            refused(failed, "VALIDATION_ERROR")
            live.toloka.decide = lambda request: None
            commands = (
                (),
                ("--list",),
                ("--rotate",),
                ("--rotate", "--grace", "0"),
                ("--tag", "b"),
                ("--remove", "--yes"),
            )
            said = [live.crowdhook("subscribe", *command) for command in commands]
        assert [each.exit_code for each in said] == [0] * 6
        canaries = [str(echo["message"])]
        canaries += [each.text for tag in ("main", "b") for each in live.keyring.secrets(tag)]
        texts = [each.output + repr(each.exception) for each in (failed, *said)]
        texts += [record.getMessage() + repr(vars(record)) for record in caplog.records]
        files = [path for path in tmp_path.iterdir() if path.suffix != ".keyring"]
        texts += [path.read_bytes().decode("latin-1") for path in files]
    assert len(canaries) >= 3
    assert {path.name for path in files} >= {"crowdhook.db", "crowdhook.log"}
    assert len(caplog.records) > 100
    assert [each for each in canaries if any(each in text for text in texts)] == []
