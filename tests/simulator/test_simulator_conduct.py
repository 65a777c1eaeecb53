from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import fmean, pstdev
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import toloka.client as toloka
from blood import LABELS, label_of, pool, project, tasks
from simulated import Bench, serving, world
from toloka.client import actions, collectors, conditions

from simulator.crowd.conduct import Ability, Conduct, Hours, Learning, Speed
from simulator.crowd.groups import Group, Groups
from simulator.crowd.performers import Crowd

STEADY = {"skip": 0.0, "expire": 0.0, "likes": 1.0}


def group(count: int = 10, kind: str = "careful", accuracy: float = 0.9, **conduct: Any) -> Group:
    return Group("all", count, kind, accuracy, conduct=Conduct(**(STEADY | conduct)))


@contextmanager
def living(*groups: Group, **settings: Any) -> Iterator[Bench]:
    with serving(world(Groups(groups), **settings)) as bench:
        yield bench


def worked(bench: Bench, kind: str, count: int, size: int = 5, hours: float = 24, **settings: Any) -> toloka.Pool:
    """A pool of tasks of this kind that everybody may take, worked at for some hours."""
    real, golden = (size, 0) if kind == "real" else (0, size)
    made = bench.client.create_pool(pool(bench.client.create_project(project()).id, real, golden, **settings))
    bench.client.create_tasks(
        [_endless(task) for task in tasks(made.id, count, kind)], allow_defaults=True, async_mode=False
    )
    bench.client.open_pool(made.id)
    bench.run(hours)
    return made


def _endless(task: toloka.Task) -> toloka.Task:
    task.infinite_overlap = True
    return task


def pages(bench: Bench, made: toloka.Pool) -> list[toloka.Assignment]:
    found = bench.client.get_assignments(pool_id=made.id)
    return sorted(found, key=lambda page: (page.created, page.id))


def said(page: toloka.Assignment) -> list[tuple[str, str]]:
    """Of each task of a page the truth and the answer."""
    pairs = zip(page.tasks, page.solutions, strict=True)
    return [(label_of(task.input_values), solution.output_values["result"]) for task, solution in pairs]


def right(found: list[toloka.Assignment]) -> float:
    return fmean(truth == label for page in found for truth, label in said(page))


def test_control_tasks_are_answered_as_accurately_as_people_are():
    """Nobody said how to answer: the known solutions do."""
    with living(group(20, accuracy=0.8)) as bench:
        assert right(pages(bench, worked(bench, "golden", 40))) == pytest.approx(0.8, abs=0.05)


def test_accuracy_goes_by_class_and_what_is_taken_for_what():
    taken = Ability(classes={"MONOCYTE": 0.2}, confusions={"LYMPHOCYTE": {"EOSINOPHIL": 0.6}})
    with living(group(20, accuracy=1.0, abilities={(None, None): taken})) as bench:
        found = [pair for page in pages(bench, worked(bench, "golden", 40)) for pair in said(page)]
    by_truth = {truth: Counter(label for each, label in found if each == truth) for truth in LABELS}
    shares = {truth: counts[truth] / counts.total() for truth, counts in by_truth.items()}
    wanted = {"EOSINOPHIL": 1.0, "LYMPHOCYTE": 0.4, "MONOCYTE": 0.2, "NEUTROPHIL": 1.0}
    assert shares == pytest.approx(wanted, abs=0.1)
    assert set(by_truth["LYMPHOCYTE"]) == {"LYMPHOCYTE", "EOSINOPHIL"}


def test_a_project_and_an_output_field_have_accuracies_of_their_own():
    own = {("Label cells", None): Ability(0.1), ("Other cells", "result"): Ability(1.0)}
    with living(group(accuracy=0.5, abilities=own)) as bench:
        assert right(pages(bench, worked(bench, "golden", 40))) == pytest.approx(0.1, abs=0.06)
        other = bench.client.create_pool(pool(bench.client.create_project(project("Other cells")).id, 0, 5))
        bench.client.create_tasks(tasks(other.id, 20, "golden"), async_mode=False)
        bench.client.open_pool(other.id)
        bench.run(24)
        assert right(pages(bench, other)) == 1.0


def test_people_learn_by_the_pages_that_they_do():
    with living(group(30, accuracy=0.2, learning=Learning(per_page=0.1, up_to=0.9))) as bench:
        own = defaultdict(list)
        for page in pages(bench, worked(bench, "golden", 60)):
            own[page.user_id].append(page)
    by_page = [right([each[place] for each in own.values()]) for place in range(12)]
    assert by_page[0] == pytest.approx(0.2, abs=0.1)
    assert by_page[4] == pytest.approx(0.6, abs=0.1)
    assert by_page[9] == pytest.approx(0.9, abs=0.1)
    assert by_page[11] == pytest.approx(0.9, abs=0.1)


def test_people_learn_by_the_training_tasks_that_they_are_shown():
    grown = Learning(per_example=0.05, up_to=0.7)
    assert [grown.grown(0.3, 50, shown) for shown in (0, 4, 20)] == pytest.approx([0.3, 0.5, 0.7])
    assert Learning(per_page=0.1, up_to=0.6).grown(0.8, 9, 0) == 0.8


def test_colluders_always_say_the_same_and_others_do_not():
    answers = {}
    for voice in ("ring", None):
        with living(group(8, accuracy=0.4, voice=voice, learning=Learning(per_page=0.1))) as bench:
            found = pages(bench, worked(bench, "golden", 20)) + pages(bench, worked(bench, "real", 20))
        by_task = defaultdict(set)
        for page in found:
            for task, solution in zip(page.tasks, page.solutions, strict=True):
                by_task[task.id].add(solution.output_values["result"])
        answers[voice] = max(len(each) for each in by_task.values())
    assert answers["ring"] == 1
    assert answers[None] > 1


@pytest.mark.parametrize("kind", ["guesser", "cheater"])
def test_bots_answer_anything_or_the_same_in_seconds(kind):
    with living(group(6, kind, page_seconds=(1.0, 5.0))) as bench:
        found = pages(bench, worked(bench, "golden", 40))
    spans = [(page.submitted - page.created).total_seconds() for page in found]
    assert 1 <= min(spans) < max(spans) <= 5
    labels = Counter(label for page in found for _, label in said(page))
    assert (set(labels) == {"EOSINOPHIL"}) if kind == "cheater" else (max(labels.values()) < 0.4 * labels.total())


def test_the_careless_are_right_half_as_often_and_carelessness_is_a_share_of_answers():
    with living(group(20, "careless", accuracy=0.8)) as bench:
        assert right(pages(bench, worked(bench, "golden", 40))) == pytest.approx(0.4, abs=0.06)
    with living(group(20, accuracy=1.0, carelessness=0.4)) as bench:
        assert right(pages(bench, worked(bench, "golden", 40))) == pytest.approx(0.7, abs=0.06)


def test_those_who_always_say_yes_take_the_first_option_and_those_who_say_no_the_last():
    for kind, label in (("always_yes", LABELS[0]), ("always_no", LABELS[-1])):
        with living(group(3, kind)) as bench:
            found = pages(bench, worked(bench, "golden", 10))
        assert {label for page in found for _, label in said(page)} == {label}


def test_a_task_takes_as_long_as_was_said_and_differs_as_was_said():
    speeds = {"speed": Speed(100.0), "speed_in": {"Label cells": Speed(20.0, 6.0)}}
    with living(group(20, **speeds)) as bench:
        found = pages(bench, worked(bench, "real", 20, size=2))
        spans = [(page.submitted - page.created).total_seconds() / 2 for page in found]
        assert fmean(spans) == pytest.approx(20, abs=1.5)
        assert pstdev(spans) == pytest.approx(6, abs=1.5)
        checking = bench.checking()
        bench.fill(checking, 10)
        bench.client.open_pool(checking.id)
        bench.run(2)
        spans = [(page.submitted - page.created).total_seconds() for page in pages(bench, checking)]
        assert spans == pytest.approx([1000.0] * 2, abs=0.01)


def test_pages_are_begun_in_working_hours_only():
    hours = Hours("America/New_York", 9 * 60, 11 * 60, ("mon", "wed", "thu"))
    with living(group(5, hours=hours)) as bench:
        found = pages(bench, worked(bench, "real", 400, size=1, hours=24 * 7))
    local = [page.created.astimezone(ZoneInfo("America/New_York")) for page in found]
    assert {each.hour for each in local} == {9, 10}
    assert {each.strftime("%a").lower() for each in local} == {"mon", "wed", "thu"}


@pytest.mark.parametrize(
    ("at", "begin"),
    [
        ("2025-01-06T12:00", "2025-01-06T21:00"),
        ("2025-01-06T22:30", "2025-01-06T22:30"),
        ("2025-01-07T02:59", "2025-01-07T02:59"),
        ("2025-01-07T03:00", "2025-01-10T21:00"),
        ("2025-01-11T03:00", "2025-01-13T21:00"),
    ],
)
def test_a_night_shift_goes_over_midnight(at, begin):
    """In Berlin from ten to four, on Mondays and Fridays; times are UTC."""
    hours = Hours("Europe/Berlin", 22 * 60, 4 * 60, ("mon", "fri"))
    found = hours.next(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())
    assert datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%dT%H:%M") == begin


def test_clocks_are_put_forward_in_spring():
    hours = Hours("Europe/Berlin", 9 * 60, 10 * 60)
    before, after = (datetime(2025, 3, day, 0, tzinfo=UTC).timestamp() for day in (29, 31))
    assert [datetime.fromtimestamp(hours.next(each), UTC).hour for each in (before, after)] == [8, 7]


def test_who_is_refused_or_banned_may_never_come_back():
    leaving = group(6, leaves_after={"refusal": 1.0, "ban": 1.0})
    with living(leaving) as bench:
        made = worked(bench, "real", 4, size=1, hours=2, auto_accept_solutions=False, auto_accept_period_day=1)
        first, other, *_ = {page.user_id: page for page in pages(bench, made)}.values()
        bench.client.reject_assignment(first.id, "wrong")
        bench.client.set_user_restriction(
            toloka.user_restriction.ProjectUserRestriction(
                user_id=other.user_id, project_id=made.project_id, private_comment="rude"
            )
        )
        new = worked(bench, "real", 2, size=1)
        gone = {page.user_id for page in pages(bench, made)} - {page.user_id for page in pages(bench, new)}
        assert gone == {first.user_id, other.user_id}
        left = {line["id"]: line["why"] for line in bench.world.history() if line["kind"] == "PERFORMER_LEFT"}
        assert left == {first.user_id: "refusal", other.user_id: "ban"}


def test_a_rules_ban_may_drive_people_away_for_good_too():
    with living(group(6, "cheater", page_seconds=(1.0, 5.0), leaves_after={"ban": 1.0})) as bench:
        hasty = bench.checking()
        hasty.quality_control.add_action(
            collector=collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=10),
            conditions=[conditions.FastSubmittedCount > 0],
            action=actions.RestrictionV2(scope="POOL", duration=1, duration_unit="MINUTES", private_comment="fast"),
        )
        bench.client.update_pool(hasty.id, hasty)
        bench.fill(hasty, 100, overlap=6)
        bench.client.open_pool(hasty.id)
        bench.run(24)
        assert bench.world.stranded()[hasty.id].why == {"left": 6}


def test_nobody_leaves_who_was_not_said_to():
    with serving(world(Crowd(performers=10, likes=1.0, skip=0.0, expire=0.0))) as bench:
        made = worked(bench, "real", 4, size=1, hours=2, auto_accept_solutions=False, auto_accept_period_day=1)
        for page in pages(bench, made):
            bench.client.reject_assignment(page.id, "wrong")
        assert not any(line["kind"] == "PERFORMER_LEFT" for line in bench.world.history())


def test_people_like_some_projects_more_and_some_never():
    with living(group(40, likes=0.0, likes_in={"Label cells": 0.5})) as bench:
        some = {page.user_id for page in pages(bench, worked(bench, "real", 2, size=1))}
        checking = bench.checking()
        bench.fill(checking, 3)
        bench.client.open_pool(checking.id)
        bench.run(24)
        assert 10 <= len(some) <= 30
        assert bench.world.stranded()[checking.id].why == {"uninterested": 40}
