"""A worker's sign of life: seldom enough to cost nothing, and never in the way of its work."""

from contextlib import closing

import pytest
from calm import Calm

from app.folder import MARK
from app.heartbeat import BEAT_SECONDS, Heartbeat
from app.rehearsal import DATABASE
from store.sqlite import SqliteLog


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_beats_at_once_and_then_once_in_a_while() -> None:
    clock, beats = Clock(), list[float]()
    heartbeat = Heartbeat(lambda: beats.append(clock.now), clock)
    for _ in range(25):
        heartbeat()
        clock.now += 1.0
    assert beats == [100.0 + BEAT_SECONDS * n for n in range(5)]


def test_one_that_cannot_be_written_is_told_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    Heartbeat(full, Clock())()
    assert "No space left" in caplog.text


def test_a_worker_says_that_it_is_at_work(calm: Calm) -> None:
    with closing(SqliteLog(calm.out / DATABASE, lambda: 0.0)) as log:
        beaten = log.beaten_at()
    assert beaten is not None
    assert beaten > (calm.out / MARK).stat().st_mtime
