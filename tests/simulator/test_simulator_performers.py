from collections import Counter
from dataclasses import replace

import pytest

from simulator.contents.spec import flaws_of
from simulator.crowd.performers import Crowd, answers_by_spec
from simulator.crowd.profiles import Profiles


def test_the_same_seed_makes_the_same_people_and_another_seed_others():
    assert Crowd(seed=1).people() == Crowd(seed=1).people()
    assert {p.id for p in Crowd(seed=1).people()}.isdisjoint(p.id for p in Crowd(seed=2).people())


def test_kinds_come_in_the_shares_that_were_asked_for():
    wanted = {"careless": 0.3, "always_yes": 0.1, "always_no": 0.2, "careful": 0.4}
    people = Crowd(performers=2000, careless=0.3, always_yes=0.1, always_no=0.2).people()
    shares = {kind: sum(p.kind == kind for p in people) / 2000 for kind in wanted}
    assert shares == pytest.approx(wanted, abs=0.04)


def test_those_who_always_say_no_are_taken_from_the_careful_alone():
    few, many = (Crowd(careless=0.3, always_yes=0.1, always_no=share).people() for share in (0.0, 0.3))
    turned = [(one.kind, other.kind) for one, other in zip(few, many, strict=True) if one != other]
    assert set(turned) == {("careful", "always_no")}


def test_a_persons_draws_are_his_own():
    one, other = Crowd().people()[:2]
    assert one.draw("answer", 1) == one.draw("answer", 1)
    assert one.draw("answer", 1) != other.draw("answer", 1)


SPEC = {
    "yes": {"type": "boolean"},
    "label": {"type": "string", "allowed_values": ["OK", "BAD"]},
    "text": {"type": "string", "min_length": 30, "max_length": 40},
    "years": {"type": "array_string", "pattern": "(19|20)[0-9]{2}", "min_size": 2, "max_size": None},
    "link": {"type": "url"},
    "count": {"type": "integer", "min_value": 3, "max_value": 7},
    "share": {"type": "float", "min_value": 0.5, "max_value": 0.6},
    "place": {"type": "coordinates"},
    "picture": {"type": "file"},
    "boxes": {"type": "json"},
    "labels": {"type": "array_string", "allowed_values": ["a", "b"], "min_size": 2},
    "remark": {"type": "string", "required": False},
}


def test_answers_by_spec_are_valid_for_every_type_of_field():
    project = {"task_spec": {"output_spec": SPEC}}
    for person in Crowd(performers=30).people():
        values = answers_by_spec({"id": "task", "pool_id": "1", "input_values": {}}, project, person)
        assert flaws_of(values, SPEC, "output_values") == {}


def test_what_may_be_left_empty_is_filled_in_one_time_in_two_and_never_by_a_cheater():
    project = {"task_spec": {"output_spec": SPEC}}
    for kind, low, high in (("careful", 160, 240), ("cheater", 0, 0)):
        who = replace(Crowd().people()[0], kind=kind)
        tasks = ({"id": str(n), "pool_id": "1", "input_values": {}} for n in range(400))
        filled = sum("remark" in answers_by_spec(task, project, who) for task in tasks)
        assert low <= filled <= high


def test_cheaters_and_guessers_are_taken_from_the_careful_too():
    people = Crowd(performers=2000, careless=0.1, guesser=0.2, cheater=0.3).people()
    shares = {kind: sum(p.kind == kind for p in people) / 2000 for kind in ("careless", "guesser", "cheater")}
    assert shares == pytest.approx({"careless": 0.1, "guesser": 0.2, "cheater": 0.3}, abs=0.04)
    plain = Crowd(performers=2000, careless=0.1).people()
    turned = {(one.kind, other.kind) for one, other in zip(plain, people, strict=True) if one.kind != other.kind}
    assert turned == {("careful", "guesser"), ("careful", "cheater")}


def test_a_guesser_says_anything_and_a_cheater_always_the_same():
    project = {"task_spec": {"output_spec": {"label": {"type": "string", "allowed_values": list("abcd")}}}}
    said = {}
    for kind in ("guesser", "cheater"):
        who = replace(Crowd().people()[0], kind=kind)
        tasks = ({"id": str(n), "pool_id": "1", "input_values": {}} for n in range(400))
        said[kind] = Counter(answers_by_spec(task, project, who)["label"] for task in tasks)
    assert list(said["cheater"]) == ["a"]
    assert all(70 < count < 130 for count in said["guesser"].values())


def test_what_weights_a_crowd_has_changes_nothing_else_about_its_people():
    others = Crowd(profiles=Profiles(country={"DE": 1, "FR": 1}))
    for one, other in zip(Crowd().people(), others.people(), strict=True):
        assert replace(one, profile=other.profile) == other
