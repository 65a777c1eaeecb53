from simulator.elements.windows import PARTS, Window


def test_what_is_older_than_the_window_is_forgotten():
    window = Window(60.0)
    for moment in (0.0, 10.0, 10.0, 59.9):
        window.add(moment, 2)
    assert [window.total(now) for now in (59.9, 60.0, 69.9, 70.0, 119.9)] == [8, 6, 6, 2, 0]


def test_a_window_takes_the_same_room_however_much_happens():
    window = Window(86_400.0)
    for moment in range(0, 3 * 86_400, 7):
        window.add(float(moment), 1)
        assert window.total(float(moment)) <= 86_400 / 7 + 86_400 / PARTS / 7 + 1
    assert len(window._parts) <= PARTS + 1
    assert window.total(3 * 86_400.0) > 86_400 / 7 * 0.99
