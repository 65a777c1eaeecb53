import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from simulated import world

from simulator.memory.snapshots import NotAState, frozen, thawed
from simulator.server import Simulator


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_a_state_is_the_same_again_but_for_its_crowd_and_answers():
    one, other = world().state, world().state
    one.balance, one.spent["7"] = 5, 3
    again = thawed(frozen(one), other.crowd, other.answers)
    assert (again.balance, again.spent, again.crowd, again.answers) == (5, {"7": 3}, other.crowd, other.answers)
    assert again.people == one.people
    assert vars(again).keys() == vars(one).keys()


@pytest.mark.parametrize("made", [b"", b"nothing", pickle.dumps({"balance": 5}), pickle.dumps(pickle.Pickler)])
def test_what_is_not_a_state_is_refused(made):
    with pytest.raises(NotAState):
        thawed(made, world().state.crowd, world().state.answers)


def test_no_foreign_code_is_run(tmp_path):
    made = world()
    made.state.aggregated["x"] = [{"trap": Trap(tmp_path / "sprung")}]
    with pytest.raises(NotAState, match="mkdir"):
        thawed(frozen(made.state), made.state.crowd, made.state.answers)
    assert list(tmp_path.iterdir()) == []
    made.state.aggregated["x"] = [{"trap": Simulator}]
    with pytest.raises(NotAState, match=r"simulator\.server\.Simulator"):
        thawed(frozen(made.state), made.state.crowd, made.state.answers)
