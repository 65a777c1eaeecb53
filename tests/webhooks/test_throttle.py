"""Wrong tries are remembered by address, for a while, and by no more addresses than there is room for."""

from webhooks.throttle import MOST_ADDRESSES, MOST_WRONG, WITHIN_SECONDS, Throttle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_tries_spread_over_more_than_the_window_are_not_too_many() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(5 * MOST_WRONG):
        clock.now += 1.01 * WITHIN_SECONDS / (MOST_WRONG - 1)
        assert not throttle.full("a")
        throttle.add("a")


def test_tries_within_the_window_are() -> None:
    throttle = Throttle(Clock())
    for _ in range(MOST_WRONG):
        assert not throttle.full("a")
        throttle.add("a")
    assert throttle.full("a")
    assert not throttle.full("b")


def test_no_more_addresses_are_remembered_than_there_is_room_for() -> None:
    throttle = Throttle(Clock())
    for number in range(3 * MOST_ADDRESSES):
        throttle.add(str(number))
    assert len(throttle._wrong) == MOST_ADDRESSES
