"""What known answers come to: in one pool or over the project's, fractions of credit, and who is banned for it."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import blood
import pytest
import toloka.client as toloka
from blood import LABELS, PATIENT, Classes, label_of
from ruled import alone, banned, course, in_turn, pages_of, rules, single, work, written_down
from simulated import Bench, serving, world
from toloka.client import actions, collectors, conditions

from simulator.crowd.performers import Crowd, Performer


def wrong_where(wrong: Callable[[str], bool]) -> Callable[..., dict[str, Any]]:
    """Right everywhere but on the pictures that `wrong` says."""

    def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        truth = label_of(task["input_values"])
        return {"result": LABELS[LABELS.index(truth) - 1] if wrong(task["input_values"]["image"]) else truth}

    return answer


def in_main(image: str) -> bool:
    """The control tasks of the main pool have numbers from 100 on."""
    return re.search(r"golden1\d\d", image) is not None


def credits(page: toloka.Assignment) -> list[bool]:
    pairs = zip(page.tasks, page.solutions, strict=True)
    return [s.output_values == t.known_solutions[0].output_values for t, s in pairs if t.known_solutions]


def test_fifteen_right_in_the_exam_and_two_wrong_in_the_main_pool_are_no_ban():
    """15/15 and 0/2 are 15/17 = 88 %, as both rules have a history; the next two wrong ones make it 15/19 = 79 %."""
    with serving(world(PATIENT, wrong_where(in_main))) as bench:
        classes = Classes(bench, real=200)
        classes.run(2)
        assert set(classes.skill(classes.exam_skill.id).values()) == {100}
        done = Counter(page.user_id for page in classes.pages(classes.main.id) if page.submitted)
        bans = {ban.user_id: ban for ban in bench.client.get_user_restrictions()}
        assert max(done.values()) == 2
        assert bans.keys() == {user_id for user_id, count in done.items() if count == 2}
        assert {(ban.scope.value, ban.will_expire, ban.private_comment) for ban in bans.values()} == {
            ("PROJECT", None, "rule")
        }
        quality = classes.skill(classes.quality.id)
        assert {round(quality[user_id], 2) for user_id, count in done.items() if count == 2} == {78.95}


def test_without_a_history_the_first_two_wrong_answers_are_a_ban():
    with serving(world(PATIENT, wrong_where(in_main))) as bench:
        classes = Classes(bench, real=200, history=None)
        classes.run(2)
        pages = [page for page in classes.pages(classes.main.id) if page.submitted]
        assert set(Counter(page.user_id for page in pages).values()) == {1}
        assert {ban.user_id for ban in bench.client.get_user_restrictions()} == {page.user_id for page in pages}
        assert classes.skill(classes.quality.id) == {}


def test_an_exam_whose_rule_has_no_history_does_not_count_in_the_main_pool():
    """Both must have one: else 0/2 on the first page is 0 %, whatever the exam was."""
    with serving(world(PATIENT, wrong_where(in_main))) as bench:
        classes = Classes(bench, real=200)
        for config in classes.exam.quality_control.configs:
            config.collector_config.parameters.history_size = None
        bench.client.update_pool(classes.exam.id, classes.exam)
        classes.run(2)
        pages = [page for page in classes.pages(classes.main.id) if page.submitted]
        assert set(Counter(page.user_id for page in pages).values()) == {1}
        assert {ban.user_id for ban in bench.client.get_user_restrictions()} == {page.user_id for page in pages}


def test_a_history_that_is_short_forgets_the_exam():
    """With a history of three, one of the two last answers right of three is not enough."""
    with serving(world(PATIENT, wrong_where(in_main))) as bench:
        classes = Classes(bench, real=200, history=3)
        classes.run(2)
        pages = [page for page in classes.pages(classes.main.id) if page.submitted]
        assert set(Counter(page.user_id for page in pages).values()) == {1}
        assert {round(value, 1) for value in classes.skill(classes.quality.id).values()} == {33.3}


def one_pool(
    bench: Bench, golden: int, keys: dict[str, Any], history: int | None = None, training: int = 0
) -> toloka.Pool:
    """A pool of real and control tasks whose rules write down what each key says, in a skill of its name."""
    made = blood.pool(bench.client.create_project(blood.project()).id, 2, golden)
    made.mixer_config.training_tasks_count = training
    for key, condition in keys.items():
        skill = bench.client.create_skill(name=key)
        action = actions.SetSkillFromOutputField(skill_id=skill.id, from_field=key)
        collector = collectors.GoldenSet(history_size=history)
        made.quality_control.add_action(collector=collector, conditions=[condition], action=action)
    return bench.client.create_pool(made)


def values(bench: Bench, key: str) -> dict[str, float]:
    skill = next(bench.client.get_skills(name=key))
    return {each.user_id: float(each.exact_value) for each in bench.client.get_user_skills(skill_id=skill.id)}


def filled(bench: Bench, pool: toloka.Pool, golden: int, **settings: Any) -> list[toloka.Assignment]:
    tasks = blood.tasks(pool.id, golden, "golden") + blood.tasks(pool.id, 60, "real")
    for task in tasks:
        for name, value in settings.items():
            if task.known_solutions:
                setattr(task, name, value)
        if not task.known_solutions:
            task.overlap = 1
    bench.client.create_tasks(tasks)
    bench.client.open_pool(pool.id)
    bench.run()
    return sorted(bench.client.get_assignments(pool_id=pool.id), key=lambda page: page.submitted)


def test_every_key_counts_what_it_says():
    some = conditions.TotalAnswersCount > 0
    names = (
        "total_answers_count",
        "correct_answers_rate",
        "incorrect_answers_rate",
        "wrong_answers_rate",
        "golden_set_answers_count",
        "golden_set_correct_answers_rate",
        "golden_set_incorrect_answers_rate",
    )
    with serving(world(Crowd(performers=10, skip=0.0, expire=0.0, accuracy=0.7), blood.answer)) as bench:
        pool = one_pool(bench, 3, dict.fromkeys(names, some))
        pages = filled(bench, pool, 30)
        marks: dict[str, list[bool]] = {}
        for page in pages:
            marks.setdefault(page.user_id, []).extend(credits(page))
        share = {user_id: 100 * sum(own) / len(own) for user_id, own in marks.items()}
        assert len(set(share.values())) > 2
        for name in names:
            right, count = "incorrect" not in name and "wrong" not in name, name.endswith("count")
            wanted = {u: len(own) if count else share[u] if right else 100 - share[u] for u, own in marks.items()}
            assert values(bench, name) == pytest.approx(wanted), name


def test_training_tasks_count_among_the_known_ones_and_not_among_the_control_tasks():
    """Everybody knows control tasks, and no training task at first: 2 of 4 and 2 of 2 on a page."""
    keys = dict.fromkeys(("correct_answers_rate", "golden_set_correct_answers_rate"), conditions.TotalAnswersCount == 4)
    taught = wrong_where(lambda image: "training" in image)
    with serving(world(PATIENT, taught)) as bench:
        pool = one_pool(bench, 2, keys, training=2)
        bench.client.create_tasks(blood.tasks(pool.id, 2, "training"))
        filled(bench, pool, 2)
        assert set(values(bench, "correct_answers_rate").values()) == {50}
        assert set(values(bench, "golden_set_correct_answers_rate").values()) == {100}


def test_half_right_is_worth_half():
    """Every control task has two solutions, of which everybody gives the one that is worth a half."""
    solution = toloka.task.BaseTask.KnownSolution
    two = [solution(output_values={"result": "MONOCYTE"}), solution(output_values={"result": "LYMPHOCYTE"})]
    two[1].correctness_weight = 0.5
    with serving(world(PATIENT, lambda task, project, performer: {"result": "LYMPHOCYTE"})) as bench:
        pool = one_pool(bench, 2, {"correct_answers_rate": conditions.GoldenSetAnswersCount > 0})
        filled(bench, pool, 4, known_solutions=two)
        assert set(values(bench, "correct_answers_rate").values()) == {50}


def test_the_window_slides_over_the_last_answers():
    """Right on the first page, wrong on the second: of the last three answers one or two count as right."""
    with serving(world(Crowd(performers=8, skip=0.0, expire=0.0), blood.answer)) as bench:
        pool = one_pool(bench, 2, {"correct_answers_rate": conditions.TotalAnswersCount > 2}, history=3)
        pages = filled(bench, pool, 12)
        own: dict[str, list[bool]] = {}
        for page in pages:
            own.setdefault(page.user_id, []).extend(credits(page))
        wanted = {user_id: 100 * sum(marks[-3:]) / 3 for user_id, marks in own.items() if len(marks) > 2}
        assert values(bench, "correct_answers_rate") == pytest.approx(wanted)


def test_an_answer_is_marked_by_what_its_task_was_when_it_was_given():
    """Control tasks whose solution is changed afterwards leave the marks as they were."""
    with serving(world(PATIENT, blood.answer)) as bench:
        pool = one_pool(bench, 2, {"golden_set_answers_count": conditions.GoldenSetAnswersCount > 0})
        filled(bench, pool, 4)
        before = values(bench, "golden_set_answers_count")
        real = [task for task in bench.client.get_tasks(pool_id=pool.id) if not task.known_solutions]
        right = [toloka.task.BaseTask.KnownSolution(output_values={"result": "MONOCYTE"})]
        for task in real[:30]:
            bench.client.patch_task(task.id, toloka.task.TaskPatch(known_solutions=right))
        bench.client.create_tasks(blood.tasks(pool.id, 8, "golden", 50))
        (late,) = blood.tasks(pool.id, 1, "real", 90)
        late.overlap = 1
        bench.client.create_task(late)
        bench.client.open_pool(pool.id)
        bench.run()
        after = values(bench, "golden_set_answers_count")
        grown = {user_id: after[user_id] - before.get(user_id, 0) for user_id in after}
        assert sum(grown.values()) == 2


def test_fast_pages_of_cheaters_end_in_a_ban_for_good_and_nobody_elses():
    with serving(world(Crowd(skip=0.0, expire=0.0, cheater=0.3, seed=4), blood.answer)) as bench:
        made = bench.client.create_project(blood.project())
        pool = bench.client.create_pool(blood.exam(made.id, bench.client.create_skill(name="exam")))
        bench.client.create_tasks(blood.tasks(pool.id, 16, "golden"))
        bench.client.open_pool(pool.id)
        bench.run()
        kinds = {person.id: person.kind for person in bench.world.state.crowd.people()}
        fast = {user_id for user_id, kind in kinds.items() if kind == "cheater"}
        pages = list(bench.client.get_assignments(pool_id=pool.id))
        came = {page.user_id for page in pages}
        assert {ban.user_id for ban in bench.client.get_user_restrictions()} == came & fast != set()
        times = {page.user_id: (page.submitted - page.created).total_seconds() for page in pages}
        assert all(1 <= seconds <= 5 for user_id, seconds in times.items() if user_id in fast)
        assert all(seconds > 7 for user_id, seconds in times.items() if user_id not in fast)


def test_fast_pages_are_counted_in_a_window_of_the_last_five():
    """Faster than 20 s is fast, 20 s is not: three fast pages come into the window one by one and leave it so."""
    fast = collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=20, history_size=5)
    with serving(alone([10, 19.9, 5, 20, 30, 30, 30, 30, 40])) as bench:
        skill_id, control = written_down(bench, fast, conditions.FastSubmittedCount, range(6))
        all_of_them, more = written_down(bench, fast, conditions.TotalSubmittedCount, range(10))
        control["quality_control"].configs += more["quality_control"].configs
        pool = single(bench, **control)
        in_turn(bench, pool, 9)
        work(bench, pool)
        assert course(bench, skill_id) == [1, 2, 3, 2, 1, 0]
        assert course(bench, all_of_them) == [1, 2, 3, 4, 5]


def test_without_a_history_all_pages_of_the_pool_count():
    fast = collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=20)
    with serving(alone([10, 10, 10, 30, 30, 30, 30, 30, 10])) as bench:
        skill_id, control = written_down(bench, fast, conditions.FastSubmittedCount, range(6))
        pool = single(bench, **control)
        in_turn(bench, pool, 9)
        work(bench, pool)
        assert course(bench, skill_id) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("history", "verdicts", "rates"),
    [
        (None, "0+ 1- 2- 3+ 4-", [0, 50, 200 / 3, 50, 60]),
        (3, "0+ 1- 2- 3+ 4+ 5+ 6+", [0, 50, 200 / 3, 100 / 3, 0]),
        (None, "0+ 1- 1+", [0, 50, 0]),
        (2, "0- 1+ 2+ 0+", [100, 50, 0]),
        (2, "0- 1- 2+ 0+ 3-", [100, 50, 0, 50]),
    ],
)
def test_reviewed_pages_are_counted_in_their_window(history, verdicts, rates):
    """A page that is accepted after all counts as the latest; what does not change the share is not told again."""
    with serving(alone([30] * 8)) as bench:
        skill = bench.client.create_skill(name="refused")
        share = actions.SetSkillFromOutputField(skill_id=skill.id, from_field="rejected_assignments_rate")
        counted = collectors.AcceptanceRate(history_size=history)
        control = rules((counted, [conditions.TotalAssignmentsCount > 0], share))
        pool = single(bench, auto_accept_solutions=False, auto_accept_period_day=21, **control)
        in_turn(bench, pool, 8)
        work(bench, pool)
        pages = pages_of(bench, pool)
        for verdict in verdicts.split():
            review = bench.client.accept_assignment if verdict[1] == "+" else bench.client.reject_assignment
            review(pages[int(verdict[0])].id, "because")
            bench.world.advance(bench.world.now + 1)
        assert course(bench, skill.id) == pytest.approx(rates, abs=1e-6)


def test_income_is_of_the_last_day_and_of_accepted_pages():
    """A cent a page: the first is more than a day old when the third comes, the second when the fifth does."""
    with serving(alone([30] * 6)) as bench:
        skill, income = bench.client.create_skill(name="cents"), conditions.IncomeSumForLast24Hours
        acts = ((cents, actions.SetSkill(skill_id=skill.id, skill_value=cents)) for cents in (1, 2, 3, 4))
        control = rules(*((collectors.Income(), [income == cents / 100], act) for cents, act in acts))
        pool = single(bench, auto_accept_solutions=False, auto_accept_period_day=21, **control)
        in_turn(bench, pool, 6)
        work(bench, pool)
        pages = pages_of(bench, pool)
        bench.client.reject_assignment(pages[5].id, "no")
        for page, hours in zip(pages[:5], (12, 12.5, 1, 12, 0), strict=True):
            bench.client.accept_assignment(page.id, "yes")
            bench.run(hours)
        assert course(bench, skill.id) == [1, 2, 3]


def test_pages_skipped_in_a_row_are_counted_since_one_was_sent_in():
    ban = actions.RestrictionV2(scope="POOL", duration_unit="PERMANENT")
    with serving(world(Crowd(performers=30, skip=0.45, expire=0.15))) as bench:
        three = (collectors.SkippedInRowAssignments(), [conditions.SkippedInRowCount > 2], ban)
        pool = bench.outlining(**rules(three))
        bench.fill(pool, 60)
        work(bench, pool, 24)
        rows: dict[str, str] = {}
        for page in pages_of(bench, pool):
            letter = {"SKIPPED": "s", "EXPIRED": ""}.get(page.status.value, "w")
            rows[page.user_id] = rows.get(page.user_id, "") + letter
        assert banned(bench) == {user_id for user_id, row in rows.items() if "sss" in row} != set()
        assert all("sss" not in row[:-1] for row in rows.values())
