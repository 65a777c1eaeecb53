"""Rotation under load: no genuine notification is refused, whatever is killed on the way."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deployment import Live, deployed, eventually, receiving
from genuine import Genuine, genuine
from proxy import after

from simulator.account.subscriptions import trial_notices, upsert
from simulator.delivery.sending import Sender
from simulator.records.notices import Notice, Subscription

HERE = Path(__file__).parent
GRACE_SECONDS = 1.5
GRACE = ("--grace", str(GRACE_SECONDS / 3600.0))
ENOUGH = 60  # events of one more second and a bit


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with deployed(tmp_path_factory.mktemp("rotated")) as made:
        made.keyring.add("main")
        with receiving(made):
            yield made


@pytest.fixture
def live(served: Live) -> Live:
    """Subscribed anew, with one secret that nothing was signed with before."""
    served.forget()
    served.keyring.add("main")
    served.keyring.retire("main", 0.0)
    served.keyring.drop("main", time.time())
    done = served.crowdhook("subscribe")
    assert done.exit_code == 0, done.output
    return served


def secret_in_use(live: Live) -> str:
    (secret,) = {each.secret for each in live.subscriptions() if each.url == live.hook}
    return str(secret)


def answered(live: Live, secret: str) -> int:
    """What the receiver says to a test event that is signed with a secret."""
    subscription = Subscription("none", live.pools["live", "outlining"], "POOL_CLOSED", live.hook, secret, 0.0)
    with live.world.lock:
        notices: list[Notice] = trial_notices(live.world.state, subscription, time.monotonic_ns())
    sender = Sender(time.time, 10.0)
    try:
        return sender.post(notices)
    finally:
        sender.close()


def refused_in_the_end(live: Live, secret: str) -> bool:
    return eventually(lambda: answered(live, secret) == 401)


def flows_on(traffic: Genuine) -> bool:
    """Whether that many more events happen."""
    until = len(traffic.sent) + ENOUGH
    return eventually(lambda: len(traffic.sent) >= until)


def check_all_genuine_were_stored(traffic: Genuine) -> None:
    assert traffic.refused == []
    assert traffic.stored == sorted(traffic.sent)


def test_rotated_at_fifty_events_a_second(live: Live) -> None:
    old = secret_in_use(live)
    with genuine(live) as traffic:
        assert flows_on(traffic)
        done = live.crowdhook("subscribe", "--rotate", *GRACE)
        assert done.exit_code == 0, done.output
        new = secret_in_use(live)
        assert flows_on(traffic)
        assert refused_in_the_end(live, old)
        assert flows_on(traffic)
    print(f"\n{traffic}")
    check_all_genuine_were_stored(traffic)
    assert set(traffic.signed) == {old, new}
    assert new != old
    assert answered(live, new) == 200
    assert live.keyring.live("main", time.time()) == (new,)


def test_a_secret_that_is_retired_too_early_is_seen(live: Live) -> None:
    """The other tests of this file can fail: what they count is really counted."""
    with genuine(live) as traffic:
        assert flows_on(traffic)
        live.keyring.add("main")
        live.keyring.retire("main", time.time())
        assert flows_on(traffic)
    print(f"\n{traffic}")
    assert len(traffic.refused) >= ENOUGH
    assert len(traffic.stored) == len(traffic.sent) - len(traffic.refused)


MOMENTS = [
    *(f"told {number}" for number in range(1, 6)),  # proved, made, believed, put, retired
    "listed 1",
    "half put 1",  # Toloka did half of what was asked
    "put 1",  # it did all, and its answer is never read
    "tried 1",
    "tried 14",
    "done 1",
]


@pytest.fixture(scope="module")
def rotate(served: Live) -> Iterator[Callable[[str], int]]:
    """What rotates in a process of its own that dies at a moment, and returns how that ended."""
    env = {**served.env, "CROWDHOOK_KEYRING": str(served.keyring.path)}
    command = [sys.executable, "-W", "ignore", str(HERE / "mortal_subscriber.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asks, told = process.stdin, process.stdout

        def once(fatal: str) -> int:
            asks.write(json.dumps({"env": env, "grace_seconds": GRACE_SECONDS, "fatal": fatal}) + "\n")
            asks.flush()
            return int(told.readline())

        yield once
        asks.close()


@pytest.mark.soak
def test_killed_at_every_step_and_run_again(live: Live, rotate: Callable[[str], int]) -> None:
    """After each death the receiver believes all that Toloka signs with; the next run ends the rotation."""
    first = secret_in_use(live)
    with genuine(live) as traffic:
        for moment in MOMENTS:
            old = {each.secret for each in live.subscriptions()}
            assert rotate(moment) == -signal.SIGKILL, moment
            believed = live.keyring.live("main", time.time())
            assert {each.secret for each in live.subscriptions()} <= set(believed), moment
            assert rotate("never") == 0, moment
            assert secret_in_use(live) not in old, moment
            assert secret_in_use(live) == live.keyring.secrets("main")[-1].text
            assert sum(each.until is None for each in live.keyring.secrets("main")) == 1, moment
        assert refused_in_the_end(live, first)
        assert flows_on(traffic)
    print(f"\n{len(MOMENTS)} rotations killed and run again: {traffic}")
    check_all_genuine_were_stored(traffic)
    assert len(traffic.signed) >= len(MOMENTS)


def test_what_was_begun_is_ended_with_the_same_new_secret(live: Live, rotate: Callable[[str], int]) -> None:
    old = secret_in_use(live)
    rotate("told 2")
    begun = live.keyring.secrets("main")[-1].text
    assert secret_in_use(live) == old
    rotate("never")
    assert secret_in_use(live) == begun
    assert len(live.keyring.secrets("main")) == 2


def test_secrets_whose_time_is_over_are_dropped_by_the_next_command(live: Live) -> None:
    assert live.crowdhook("subscribe", "--rotate", "--grace", "0").exit_code == 0
    assert len(live.keyring.secrets("main")) == 2
    assert live.crowdhook("subscribe").exit_code == 0
    assert [each.text for each in live.keyring.secrets("main")] == [secret_in_use(live)]


def test_without_a_grace_the_old_secret_is_refused_at_once_and_by_default_a_day_later(live: Live) -> None:
    oldest = old = secret_in_use(live)
    assert live.crowdhook("subscribe", "--rotate").exit_code == 0
    (until,) = (each.until for each in live.keyring.secrets("main") if each.text == old)
    assert until == pytest.approx(time.time() + 86400, abs=60)
    assert answered(live, old) == 200
    old = secret_in_use(live)
    assert live.crowdhook("subscribe", "--rotate", "--grace", "0").exit_code == 0
    assert [answered(live, each) for each in (oldest, old)] == [401, 401]


def test_what_nobody_listens_to_at_our_url_is_rotated_too_and_others_are_not(live: Live) -> None:
    pool_id = live.pools["live", "checking"]
    for url, secret in ((live.hook, "ours, superfluous"), ("https://theirs.example/hook", "theirs")):
        body = {"pool_id": pool_id, "event_type": "ASSIGNMENT_SKIPPED", "webhook_url": url, "secret_key": secret}
        with live.world.lock:
            upsert(live.world.state, body)
    assert live.crowdhook("subscribe", "--rotate").exit_code == 0
    assert secret_in_use(live) == live.keyring.secrets("main")[-1].text
    assert [each.secret for each in live.subscriptions() if each.url != live.hook] == ["theirs"]


def test_while_one_does_not_work_the_old_secret_stays(live: Live) -> None:
    old = secret_in_use(live)
    live.toloka.decide = after(13, (200, b'{"success": false, "errorType": "REQUEST_TIMEOUT"}'), "/test")
    done = live.crowdhook("subscribe", "--rotate", "--grace", "0")
    assert done.exit_code == 1
    assert "The old secret stays believed" in done.output
    assert answered(live, old) == 200
    live.toloka.decide = lambda request: None
    assert live.crowdhook("subscribe", "--rotate", "--grace", "0").exit_code == 0
    assert (answered(live, old), answered(live, secret_in_use(live))) == (401, 200)


def test_when_toloka_refuses_the_new_secret_the_old_one_stays(live: Live) -> None:
    old = secret_in_use(live)
    live.toloka.decide = after(0, (500, b'{"code": "INTERNAL_ERROR", "message": "no"}'), "PUT ")
    assert live.crowdhook("subscribe", "--rotate", "--grace", "0").exit_code == 2
    assert secret_in_use(live) == old
    assert answered(live, old) == 200


def test_a_url_that_is_not_ours_changes_nothing(live: Live) -> None:
    before = live.keyring.path.read_bytes()
    done = live.crowdhook("subscribe", "--rotate", "--url", f"{live.url}/elsewhere")
    assert done.exit_code == 2
    assert live.keyring.path.read_bytes() == before


def test_a_secret_that_stands_in_the_environment_too_is_told(live: Live) -> None:
    done = live.crowdhook("subscribe", "--rotate", CROWDHOOK_WEBHOOK_SECRETS="main:0123456789abcdef")
    assert done.exit_code == 0
    assert "believed until you take it out" in done.output
    assert "0123456789abcdef" not in done.output
