from collections import Counter

import pytest

from simulator.elements.draws import canonical, digest, fraction, moment_id, object_id, waiting


def test_the_same_question_has_the_same_answer_and_another_has_another():
    assert fraction(0, "a", 1.5) == fraction(0, "a", 1.5)
    assert len({fraction(0, "a", n) for n in range(1000)}) == 1000


def test_fractions_are_spread_evenly_over_zero_to_one():
    counts = Counter(int(fraction("spread", n) * 10) for n in range(10_000))
    assert set(counts) == set(range(10))
    assert all(850 < count < 1150 for count in counts.values())


def test_waits_have_their_mean_and_end():
    waits = [waiting(100, fraction("wait", n)) for n in range(10_000)]
    assert sum(waits) / len(waits) == pytest.approx(100, rel=0.05)
    assert max(waits) == 500


def test_canonical_text_ignores_key_order_and_the_servers_address():
    one = {"b": 1, "a": "http://127.0.0.1:1/files/x"}
    other = {"a": "http://127.0.0.1:2/files/x", "b": 1}
    assert canonical(one, "http://127.0.0.1:1") == canonical(other, "http://127.0.0.1:2")
    assert canonical(one) != canonical(other)


def test_object_ids_have_one_width_and_grow_with_time():
    ids = [object_id("100000000000", at, "content") for at in (1_600_000_000, 1_700_000_000, 1_800_000_000)]
    assert ids == sorted(ids)
    assert {len(each) for each in ids} == {36}
    assert ids[0].startswith("174876e800--5f5e1000")


def test_digests_have_the_length_that_is_asked_for():
    assert [len(digest("x", length=n)) for n in (10, 24, 64)] == [10, 24, 64]


def test_ids_grow_with_time_within_a_second_too():
    moments = [1_700_000_000.0 + step / 1000 for step in range(1000)]
    found = [moment_id(at, at) for at in moments]
    assert found == sorted(found)
    assert len({len(object_id("100000000001", at, at)) for at in moments}) == 1
