import pytest

from simulator.elements.schedule import Schedule


def test_happenings_come_by_moment_then_id():
    schedule = Schedule()
    for at, kind, identity in [(2, "look", "b"), (1, "look", "c"), (2, "close", "a")]:
        schedule.put(at, kind, identity)
    assert [schedule.take()[:2] for _ in range(3)] == [(1, "c"), (2, "a"), (2, "b")]
    assert schedule.first() is None


def test_a_moved_happening_comes_once_at_its_new_moment():
    schedule = Schedule()
    schedule.put(1, "close", "pool")
    schedule.put(5, "close", "pool")
    assert schedule.take().at == 5
    assert schedule.first() is None


def test_a_cancelled_happening_does_not_come():
    schedule = Schedule()
    schedule.put(1, "close", "pool")
    schedule.cancel("close", "pool")
    schedule.cancel("close", "other")
    assert not schedule.has("close", "pool")
    with pytest.raises(LookupError):
        schedule.take()
