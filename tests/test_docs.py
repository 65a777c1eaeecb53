"""The documentation tells the truth: links, commands, settings and fields are those of the code."""

import re
from pathlib import Path

import pytest
from click import Group

from app.cli import main
from handlers.verdict import Outcome, Policy, TaskVotes, Vote, judge

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_is_named_exists(page: Path) -> None:
    for name in re.findall(r"`([\w-]+\.md)`", page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists() or (ROOT / "docs" / name).exists(), f"{page.name}: {name}"


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 150


def test_every_option_and_command_in_the_readme_exists() -> None:
    assert isinstance(main, Group)
    options = {name for command in main.commands.values() for each in command.params for name in each.opts}
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", README):
        assert option in options, option
    for command in re.findall(r"`crowdhook ([a-z-]+)", README):
        assert command in main.commands, command


def test_every_option_of_the_simulator_is_in_its_table_and_no_other() -> None:
    assert isinstance(main, Group)
    page = (ROOT / "docs/simulator.md").read_text(encoding="utf-8")
    table = re.findall(
        r"^\| (`--.+?) \| ", page.partition("| option | what it says |")[2].partition("\n\n")[0], re.MULTILINE
    )
    told = sorted(re.findall(r"--[a-z-]+", " ".join(table)))
    assert told == sorted(name for each in main.commands["simulator"].params for name in each.opts)


def test_every_setting_is_documented() -> None:
    config = (ROOT / "app/config.py").read_text(encoding="utf-8")
    names = set(re.findall(r'read(?:\.number)?\("([A-Z_]+)"', config)) - {"CROWDHOOK_GATE"}
    operating = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    assert len(names) > 8
    assert {name for name in names if f"`{name}`" not in operating} == set()


def test_the_votes_in_the_policy_page_are_the_policys() -> None:
    page = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
    follows = {
        "paid": Outcome.PAY,
        "refused": Outcome.REFUSE,
        "one more vote": Outcome.MORE,
        "held for a person": Outcome.HOLD,
    }
    rows = re.findall(r"^\| ((?:\d (?:OK|BAD)(?:, )?)+) \| ([\d.]+) \| ([a-z ]+) \|$", page, re.MULTILINE)
    assert len(rows) >= 6
    for votes, chance, text in rows:
        given = [word == "OK" for count, word in re.findall(r"(\d) (OK|BAD)", votes) for _ in range(int(count))]
        task = TaskVotes("t", len(given), tuple(Vote(str(at), ok) for at, ok in enumerate(given)))
        verdict = judge([task], Policy())
        assert verdict.outcome is follows[text], votes
        assert f"{verdict.tasks[0].chance:.3f}" == chance, votes
