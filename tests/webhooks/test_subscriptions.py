"""What should be sent where, beside what is; and test calls in words."""

from collections.abc import Sequence

import pytest

from store.subscriptions import Subscription, Trial
from webhooks.subscriptions import Line, Listening, State, compared, explained, registered

URL = "https://ours.example/webhooks/toloka/main"
THEIRS = "https://theirs.example/hook"
WORK = Listening("small", "live", "work", "7", ("ASSIGNMENT_SUBMITTED", "POOL_CLOSED"))
CHECKS = Listening("small", "live", "checks", "8", ("ASSIGNMENT_APPROVED",))


def there(number: int, pool_id: str, event_type: str, url: str = URL) -> Subscription:
    return Subscription(f"s{number}", pool_id, event_type, url, 1_700_000_000.0 + number)


def shown(lines: Sequence[Line]) -> list[tuple[str, str, str, str | None]]:
    return [
        (line.state, line.pool_id, line.event_type, line.subscription.subscription_id if line.subscription else None)
        for line in lines
    ]


def test_what_is_there_missing_elsewhere_and_superfluous() -> None:
    found = [
        there(1, "7", "POOL_CLOSED"),
        there(2, "7", "POOL_CLOSED", THEIRS),
        there(3, "7", "ASSIGNMENT_SUBMITTED", f"{URL}2"),
        there(4, "8", "ASSIGNMENT_SKIPPED"),
        there(5, "9", "POOL_CLOSED"),
        there(6, "9", "POOL_CLOSED", THEIRS),
    ]
    lines = compared([WORK, CHECKS], found, URL)
    assert shown(lines) == [
        ("missing", "7", "ASSIGNMENT_SUBMITTED", None),
        ("present", "7", "POOL_CLOSED", "s1"),
        ("elsewhere", "7", "POOL_CLOSED", "s2"),
        ("elsewhere", "7", "ASSIGNMENT_SUBMITTED", "s3"),
        ("missing", "8", "ASSIGNMENT_APPROVED", None),
        ("superfluous", "8", "ASSIGNMENT_SKIPPED", "s4"),
        ("superfluous", "9", "POOL_CLOSED", "s5"),
    ]
    assert [line.pool for line in lines[-2:]] == [CHECKS, None]


def test_without_anything_there_all_is_missing() -> None:
    assert {line.state for line in compared([WORK, CHECKS], [], URL)} == {State.MISSING}


class Toloka:
    """A platform that gives an id to what is put, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Sequence[tuple[str, str]], str, str]] = []

    def all(self) -> Sequence[Subscription]:
        return []

    def put(self, pairs: Sequence[tuple[str, str]], url: str, secret: str) -> Sequence[Subscription]:
        self.asked.append((pairs, url, secret))
        return [there(number, *pair) for number, pair in enumerate(pairs)]

    def delete(self, subscription_id: str) -> None:
        raise AssertionError

    def try_out(self, subscription_id: str) -> Trial:
        raise AssertionError


def test_all_are_registered_in_one_batch() -> None:
    toloka = Toloka()
    lines = registered(toloka, compared([WORK], [there(1, "7", "POOL_CLOSED")], URL), URL, "the secret")
    pairs = [("7", "ASSIGNMENT_SUBMITTED"), ("7", "POOL_CLOSED")]
    assert toloka.asked == [(pairs, URL, "the secret")]
    assert shown(lines) == [("present", *pair, f"s{at}") for at, pair in enumerate(pairs)]


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (Trial(True), "works"),
        (Trial(False, "WRONG_STATUS_CODE", 401), "reads another keyring"),
        (Trial(False, "WRONG_STATUS_CODE", 404), "wrong path"),
        (Trial(False, "WRONG_STATUS_CODE", 302), "redirects"),
        (Trial(False, "WRONG_STATUS_CODE", 503), "/readyz"),
        (Trial(False, "WRONG_STATUS_CODE", 599), "HTTP 599"),
        (Trial(False, "WRONG_STATUS_CODE", None), "does not say why"),
        (Trial(False, "REQUEST_TIMEOUT"), "too long"),
        (Trial(False, "CONNECTION_ERROR"), "cannot connect"),
        (Trial(False, "TOO_MANY_CONNECTIONS"), "too many connections"),
        (Trial(False, "INTERNAL_ERROR"), "itself failed"),
        (Trial(False, "UNKNOWN"), "UNKNOWN"),
        (Trial(False, "SOMETHING_NEW", 200), "SOMETHING_NEW"),
    ],
    ids=lambda each: f"{each.error}-{each.status}" if isinstance(each, Trial) else "",
)
def test_a_test_call_is_explained_with_what_to_do(trial: Trial, words: str) -> None:
    assert words in explained(trial)
