import pytest

from simulator.records.hands import KINDS, Act, UnknownAct
from simulator.world.deeds import DEEDS


def test_an_act_that_nobody_can_do_is_refused_when_it_is_written():
    with pytest.raises(UnknownAct, match="'juggle' is none of accept, reject"):
        Act(60, "juggle", "Outlining")


def test_every_kind_of_act_can_be_written_and_is_known_how_to_do():
    assert [Act(0, kind).what for kind in KINDS] == list(DEEDS)
