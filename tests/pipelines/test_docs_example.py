import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from app.rehearsal import Stage, stage
from handlers.actions import Action, Aggregate, Ask, Close, MoreVotes, Open, Publish
from handlers.context import Context
from handlers.pipeline import Pool

ROOT = Path(__file__).parents[2]
MADE_BY_POOLS = (Aggregate, Ask, Close, MoreVotes, Open, Publish)
GUIDE = (ROOT / "docs/pipelines.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def _found() -> Iterator[None]:
    """The repository's root is on the path, here and in the processes that are started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        patch.setenv("PYTHONPATH", str(ROOT))
        yield


@pytest.fixture(scope="module")
def rehearsed(_found: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The example, run as the guide says until nothing happens any more by itself."""
    script: dict[str, Any] = {"__name__": "docs"}
    exec(_shown("docs/examples/rehearse_yes_no.py"), script)
    with stage(script["plan"](tmp_path_factory.mktemp("yes-no"))) as at:
        yield at


def _shown(name: str) -> str:
    (code,) = re.findall(rf"<!-- {re.escape(name)} -->\n```python\n(.*?)```", GUIDE, re.DOTALL)
    return str(code)


@pytest.mark.parametrize("name", sorted(each.name for each in (ROOT / "docs/examples").glob("*.py")))
def test_the_code_in_the_guide_is_the_files(name):
    assert _shown(f"docs/examples/{name}") == (ROOT / "docs/examples" / name).read_text(encoding="utf-8")


def _tests_in_the_guide() -> dict[str, Callable[[], None]]:
    (code,) = [each for each in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "def test_" in each]
    names = re.findall(r"def (test_\w+)", code)

    def run(name: str) -> None:
        there: dict[str, Any] = {}
        exec(code, there)
        there[name]()

    return {name: lambda name=name: run(name) for name in names}


@pytest.mark.parametrize("name", _tests_in_the_guide())
def test_the_tests_in_the_guide_pass(name):
    _tests_in_the_guide()[name]()


def verdicts(at: Stage) -> dict[str, str]:
    """Page -> accept, reject or hold, from the ledger."""
    found = {}
    for decision in at.store.decisions():
        if decision.kind in {"accept", "reject", "hold"}:
            assert decision.state == "done"
            assert found.setdefault(decision.assignment_id or "", decision.kind) == decision.kind
    return found


def test_every_label_ends_paid_refused_or_held(rehearsed):
    pages = rehearsed.store.pages_of(rehearsed.running.pool_ids["labels"])
    decided = verdicts(rehearsed)
    assert {page.assignment_id for page in pages} == set(decided)
    assert set(decided.values()) == {"accept", "reject", "hold"}
    status = {"accept": "ACCEPTED", "reject": "REJECTED", "hold": "SUBMITTED"}
    shown = rehearsed.world.state.assignments
    assert {page: shown[page].status for page in decided} == {page: status[kind] for page, kind in decided.items()}
    left = rehearsed.store.workload(rehearsed.world.now)
    assert (left.unrouted, left.pending, left.parked, left.due, left.calls) == (0, 0, 0, 0, 0)


def test_each_verdict_follows_from_what_others_said(rehearsed):
    pages = {page.assignment_id: page for page in rehearsed.store.pages_of(rehearsed.running.pool_ids["labels"])}
    votes: dict[str, list[bool]] = {name: [] for name in pages}
    for page, answer in rehearsed.store.votes_about(pages):
        subject = pages[answer.subject_assignment_id or ""]
        assert page.user_id != subject.user_id
        votes[subject.assignment_id].append(answer.output == subject.answers[0].output)
    for name, kind in verdicts(rehearsed).items():
        ahead = votes[name].count(True) - votes[name].count(False)
        assert {"accept": ahead >= 2, "reject": ahead <= -2, "hold": len(votes[name]) == 4}[kind], (name, votes[name])


def test_every_picture_is_asked_for_once_and_once_more_when_refused(rehearsed):
    labels = rehearsed.running.pool_ids["labels"]
    tasks = [line for line in rehearsed.world.history() if line["kind"] == "TASK_CREATED" and line["pool_id"] == labels]
    asked = Counter(task["input_values"]["image"] for task in tasks)
    refused = {page.answers[0].input["image"] for page in rehearsed.store.pages_of(labels) if page.status == "REJECTED"}
    assert len(asked) == 8
    assert {image for image, times in asked.items() if times == 2} == refused
    assert set(asked.values()) == {1, 2}


def test_what_is_shown_of_handlers_is_what_they_say_of_themselves(rehearsed):
    notes = rehearsed.store.notes()
    assert notes["handler:yes-no:ask_for_labels"] == "Ask one performer about each picture."
    assert notes["module:yes-no"] == "docs.examples.yes_no"


def test_every_decorator_action_and_thing_to_know_is_in_the_guide():
    decorators = [f"`@pool.{name}`" for name in vars(Pool) if name.startswith("on_")]
    known = [f"| `{each.name}` |" for each in fields(Context)]
    decided = [f"`pool.{name}(" for name in ("ask", "more_votes", "open", "close", "aggregate", "publish")]
    told = [each.__name__ for each in get_args(Action) if each not in MADE_BY_POOLS]
    assert [
        each for each in (*decorators, *known, *decided, *(f"`{name}(" for name in told)) if each not in GUIDE
    ] == []
