import attr
import numpy
import pandas
import pytest
from made_up_votes import made_up

from handlers.aggregators import AGGREGATORS, Limit, Method, TooMuch, WrongMethod
from handlers.fits import Unfit
from handlers.votes import Votes, gather


def voters(number: int, *labels: str) -> Votes:
    """So many performers who all answer the same task."""
    who = numpy.arange(number, dtype=numpy.int32)
    rows = pandas.DataFrame({"task": 0 * who, "worker": who, "label": who % len(labels)})
    return Votes(rows, numpy.array(["t"]), who.astype(str), numpy.array(labels))


@pytest.mark.parametrize("text", ["DawidSkene", "DawidSkene:n_iter=50,tol=0.001", "MACE:method=em,random_state=7"])
def test_a_method_is_written_as_it_is_read(text):
    assert str(Method.read(text)) == text
    assert Method.read(text) == Method.read(text)


def test_dawid_skene_comes_first_and_takes_twenty_steps():
    assert next(iter(AGGREGATORS)) == "DawidSkene"
    assert Method.read("DawidSkene").aggregator.parameters["n_iter"] == 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["none was named", "DawidSkene", "GLAD", "platform:DAWID_SKENE"]),
        ("dawidskene", ["dawidskene", "MajorityVote", "MACE"]),
        ("GLAD:steps=3", ["GLAD", "'steps'", "n_iter, tol, m_step_max_iter, m_step_tol"]),
        ("Wawa:n_iter=3", ["Wawa", "'n_iter'", "It has none"]),
        ("DawidSkene:n_iter=many", ["n_iter is 'many'", "a whole number from 1 on"]),
        ("DawidSkene:n_iter=0", ["n_iter is '0'"]),
        ("DawidSkene:n_iter=2.5", ["n_iter is '2.5'"]),
        ("DawidSkene:n_iter", ["n_iter is ''"]),
        ("DawidSkene:tol=nan", ["tol is 'nan'", "a number from 0 on"]),
        ("MMSR:random_state=-1", ["random_state is '-1'", "from 0 on"]),
        ("MACE:method=best", ["method is 'best'", "vb or em"]),
    ],
)
def test_what_there_is_not_is_named_with_what_there_is(text, words):
    with pytest.raises(WrongMethod) as caught:
        Method.read(text)
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", AGGREGATORS)
def test_every_parameter_is_crowd_kits(name):
    aggregator = AGGREGATORS[name]
    theirs = {each.name: each for each in attr.fields(aggregator.make)}
    assert aggregator.parameters.keys() <= theirs.keys()
    assert all(theirs[parameter].init for parameter in aggregator.parameters)
    assert {type(value) for value in aggregator.parameters.values()} <= {int, float, str}


@pytest.mark.parametrize("name", [name for name, each in AGGREGATORS.items() if each.limits])
def test_what_would_take_too_long_is_refused_with_the_numbers_unless_somebody_insists(name):
    method = Method.read(name)
    limit = min(method.aggregator.limits, key=lambda each: each.most)
    labels = ("cat", "dog")
    method.check(voters(limit.most, *labels))
    votes = voters(limit.most + 1, *labels)
    with pytest.raises(TooMuch) as caught:
        method.check(votes)
    for word in (name, limit.takes, f"{limit.most:,} {limit.what}", f"{limit.most + 1:,}", "insist"):
        assert word in str(caught.value)
    method.check(votes, insist=True)


def test_a_matrix_of_performers_is_too_large_long_before_the_answers_are_many():
    assert Limit("performers", 100, "gigabytes") in AGGREGATORS["MMSR"].limits


@pytest.mark.parametrize(
    ("name", "labels", "words"),
    [
        ("KOS", ["cat", "dog", "emu"], "exactly 2 labels, and there are 3"),
        ("KOS", ["cat"], "exactly 2 labels, and there are 1"),
        ("GLAD", ["cat"], "at least 2 labels, and there are 1"),
        ("MMSR", ["cat"], "at least 2 labels, and there are 1"),
    ],
)
def test_labels_that_a_method_is_not_made_for_are_refused_even_if_somebody_insists(name, labels, words):
    with pytest.raises(Unfit, match=words):
        Method.read(name).check(voters(6, *labels), insist=True)


def test_the_restarts_of_mace_all_come_to_the_same():
    """Each begins with the same random numbers: why one is the default, where crowd-kit's is ten."""
    votes = gather(made_up()[0][:400])
    once, thrice = (
        AGGREGATORS["MACE"].make(n_restarts=restarts, n_iter=5).fit_predict_proba(votes.rows) for restarts in (1, 3)
    )
    assert once.equals(thrice)
