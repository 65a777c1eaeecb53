"""A held page decided by command ends like one decided by the rule: on the platform, in the ledger, in the results."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.outcomes import image_results
from app.rehearsal import Stage
from app.results import ImageResult
from app.segmentation import Options, rehearse
from store.records import Decision, DecisionState, Page


def crowdhook(database: Path, *arguments: str) -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    return CliRunner().invoke(main, arguments, env={**clean, "CROWDHOOK_DATABASE": str(database)})


@dataclass(frozen=True)
class Decided:
    """What a person said about three held pages, and what came of it."""

    paid: Page
    refused: Page
    verdicts: dict[str, Decision | None]
    more_votes: int  # asked for about the third
    again: list[Result]  # a second decision about the first two
    results: dict[str, ImageResult]
    asked: list[str]  # images, as often as their outlines were asked for


def by_command(at: Stage) -> Decided:
    """Decide three held pages by command while everything runs, and let the rehearsal go on."""
    database = at.settings.database
    held = [
        page["assignment_id"] for page in json.loads(crowdhook(database, "held", at.plan.pipeline, "--json").stdout)
    ]
    before = len(at.store.decisions(kind="votes"))
    for said in (
        ("accept", held[0], "--wrong", "2"),
        ("reject", held[1], "--wrong", "1", "--reason", "other"),
        ("ask-more", held[2]),
    ):
        assert crowdhook(database, *said, "--who", "ann").exit_code == 0
    at.driver.run()
    pages = at.store.pages(held)
    return Decided(
        paid=pages[held[0]],
        refused=pages[held[1]],
        verdicts={page: at.store.decision(f"verdict:{page}") for page in held},
        more_votes=len(at.store.decisions(kind="votes")) - before,
        again=[crowdhook(database, "reject", page, "--reason", "Late.", "--who", "bea") for page in held[:2]],
        results={each.key: each for each in image_results(at.store, at.running)},
        asked=[
            each.payload["input"]["item"] for each in at.store.decisions(kind="ask") if "item" in each.payload["input"]
        ],
    )


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    out, found = tmp_path_factory.mktemp("decided"), []
    options = Options(out=out, limit=10, seed=3, tasks_per_page=2, accuracy=0.8, refuse="proposed", controls=0.0)
    rehearse(options, after=lambda at, done: found.append(by_command(at)))
    return found[0]


def test_the_platform_shows_what_the_person_said(decided: Decided) -> None:
    assert (decided.paid.status, decided.refused.status) == ("ACCEPTED", "REJECTED")
    assert decided.refused.comment == "Picture 1: the outline is wrong (something else is wrong)."


def test_the_ledger_has_one_verdict_each_in_the_persons_name(decided: Decided) -> None:
    for page, kind in ((decided.paid, "accept"), (decided.refused, "reject")):
        verdict = decided.verdicts[page.assignment_id]
        assert verdict is not None
        assert (verdict.kind, verdict.state, verdict.payload["by"]) == (kind, DecisionState.DONE, "ann")


def test_what_was_named_wrong_and_what_was_refused_is_asked_anew_and_the_rest_is_a_result(decided: Decided) -> None:
    good, bad = (str(answer.input["item"]) for answer in decided.paid.answers)
    assert decided.results[good].status == "accepted"
    assert decided.results[good].verified
    assert decided.asked.count(good) == 1
    for item in (bad, *(str(answer.input["item"]) for answer in decided.refused.answers)):
        assert decided.asked.count(item) == 2


def test_more_people_were_asked(decided: Decided) -> None:
    assert decided.more_votes >= 2


def test_a_second_decision_is_refused_with_who_and_when(decided: Decided) -> None:
    for result, word in zip(decided.again, ("accepted", "refused"), strict=True):
        assert result.exit_code == 2
        assert f"was {word} by ann on 2025-01-0" in result.stderr
