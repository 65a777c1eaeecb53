import pytest
from simulated import outlining_project, serving, world

from simulator.faults.kinds import KINDS
from simulator.faults.plans import Fault, Plan
from simulator.faults.strikes import Strikes
from simulator.records.asked import Asked

START = 1000.0


def asked(number: int = 0, target: str = "/api/v1/tasks?operation_id=random", method: str = "POST") -> Asked:
    return Asked(method, target, {}, b'{"pool_id": "%d", "image": "http://here/1.png"}' % number)


def struck(strikes: Strikes, requests: list[Asked], now: float = START, origin: str = "http://here") -> list[bool]:
    return [strikes.of_request(each, now, origin) is not None for each in requests]


def one(**fault: object) -> Strikes:
    return Strikes(Plan.of(Fault(kind=KINDS["internal-error"], **fault), seed=7), START)  # type: ignore[arg-type]


def test_every_kind_says_what_it_does_in_a_sentence():
    assert len(KINDS) > 20
    for name, kind in KINDS.items():
        assert name == kind.name
        assert kind.meaning.endswith(".")


def test_a_share_is_struck_the_same_in_any_order_with_any_operation_id_and_at_any_address():
    requests = [asked(number) for number in range(1000)]
    drawn = struck(one(rate=0.3), requests)
    assert 240 < sum(drawn) < 360
    assert struck(one(rate=0.3), requests[::-1])[::-1] == drawn
    others = [
        Asked("POST", "/api/v1/tasks?operation_id=x", {}, each.body.replace(b"here", b"it:8")) for each in requests
    ]
    assert struck(one(rate=0.3), others, origin="http://it:8") == drawn


def test_the_same_request_again_is_drawn_anew():
    drawn = struck(one(rate=0.5), [asked()] * 100)
    assert 30 < sum(drawn) < 70


def test_two_faults_of_one_kind_are_drawn_apart():
    requests = [asked(number) for number in range(400)]
    two = Plan.of(*(Fault(kind=KINDS["reset"], rate=0.5, details={}) for _ in range(2)), seed=7)
    assert 0.7 < sum(struck(Strikes(two, START), requests)) / 400 < 0.8


def test_a_fault_strikes_by_method_path_number_and_limit():
    gets = [asked(1, "/api/v1/pools/5", "GET"), asked(1, "/api/v1/tasks/5", "GET")]
    assert struck(one(methods=("GET",)), [asked(), *gets]) == [False, True, True]
    assert struck(one(path="/pools/*"), [asked(), *gets]) == [False, True, False]
    assert struck(one(nth=(2, 4), methods=("GET",)), [*gets, asked(), *gets]) == [False, True, False, False, True]
    limited = one(at_most=2)
    assert struck(limited, [asked()] * 4) == [True, True, False, False]
    assert limited.counts == {"internal-error": 2}


@pytest.mark.parametrize(("since", "until"), [(10.0, 20.0)])
def test_a_fault_strikes_between_two_moments_of_platform_time(since, until):
    strikes = one(since=since, until=until)
    times = [struck(strikes, [asked()], START + after)[0] for after in (9.0, 10.0, 19.0, 20.0)]
    assert times == [False, True, True, False]


def test_a_world_without_faults_is_never_struck():
    assert struck(Strikes(Plan(), START), [asked()] * 3) == [False] * 3


def test_what_was_struck_is_counted_by_the_simulator():
    with serving(world(), faults=Plan.of(Fault(kind=KINDS["internal-error"], nth=(1,)))) as bench:
        bench.client.create_project(outlining_project())
        assert bench.simulator.strikes.counts == {"internal-error": 1}
