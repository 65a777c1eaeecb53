from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import toloka.client as toloka
from ruled import banned, rules
from simulated import HOUR, Bench, checking_pool, checking_project, serving, world
from toloka.client import actions, collectors, conditions
from toloka.client.filter import Skill
from toloka.client.pool.mixer_config import MixerConfig

from simulator.crowd.performers import Crowd, Performer

FIVE = Crowd(performers=5, skip=0.0, expire=0.0)
RANK = {person.id: rank for rank, person in enumerate(FIVE.people())}
BAN = actions.RestrictionV2(scope="PROJECT", duration_unit="DAYS", duration=10, private_comment="rule")


def worked(bench: Bench, pool: toloka.Pool, count: int, **fields: Any) -> list[toloka.Assignment]:
    bench.fill(pool, count, **fields)
    bench.client.open_pool(pool.id)
    bench.run(3)
    return list(bench.client.get_assignments(pool_id=pool.id, status=["SUBMITTED", "ACCEPTED"]))


def skills(bench: Bench, skill: toloka.Skill) -> dict[str, int]:
    return {each.user_id: each.value for each in bench.client.get_user_skills(skill_id=skill.id)}


def table(*rows: str) -> Callable[[Mapping[str, Any], Mapping[str, Any], Performer], dict[str, Any]]:
    """Answers by a table: a row per task, a letter per performer."""

    def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        number = int(task["input_values"]["assignment_id"].removeprefix("page-"))
        return {"result": "OK" if rows[number][RANK[performer.id]] == "A" else "BAD"}

    return answer


def majority(bench: Bench, threshold: int, more_than: int) -> tuple[toloka.Skill, dict[str, Any]]:
    skill = bench.client.create_skill(name="agreement")
    collector = collectors.MajorityVote(answer_threshold=threshold)
    action = actions.SetSkillFromOutputField(skill_id=skill.id, from_field="correct_answers_rate")
    mixer = MixerConfig(real_tasks_count=5, golden_tasks_count=0, training_tasks_count=0)
    return skill, rules((collector, [conditions.TotalAnswersCount > more_than], action)) | {"mixer_config": mixer}


def test_majority_vote_gives_the_worked_tables_shares():
    """Five tasks, five performers, threshold 3: three tasks have a majority, in the others nobody is counted."""
    rows = ["ABACA", "AABCA", "BCAAA", "AABBC", "BACBC"]

    def answer(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        number = int(task["input_values"]["assignment_id"].removeprefix("page-"))
        return {"result": rows[number][RANK[performer.id]]}

    with serving(world(FIVE, answer)) as bench:
        project = _lettered(bench)
        skill, settings = majority(bench, threshold=3, more_than=2)
        pool = bench.client.create_pool(_checking(project, **settings))
        worked(bench, pool, 5, overlap=5)
        held = bench.client.get_user_skills(skill_id=skill.id)
        by_rank = {RANK[each.user_id]: int(each.exact_value) for each in held}
    assert by_rank == {0: 66, 1: 33, 2: 66, 3: 33, 4: 100}


def _lettered(bench: Bench) -> toloka.Project:
    project = checking_project()
    project.task_spec.output_spec["result"].allowed_values = ["A", "B", "C"]
    return bench.client.create_project(project)


def _checking(project: toloka.Project, **settings: Any) -> toloka.Pool:
    return checking_pool(project.id, **settings)


def test_two_answers_that_both_reach_the_threshold_are_both_right():
    with serving(world(FIVE, table("AABBB", "AABBA", "BBBAA", "AAABB", "BABAB"))) as bench:
        skill, settings = majority(bench, threshold=2, more_than=0)
        worked(bench, bench.checking(**settings), 5, overlap=5)
        assert set(skills(bench, skill).values()) == {100}


def test_majority_is_counted_again_when_the_overlap_was_raised():
    with serving(world(FIVE, table("AABBB"))) as bench:
        skill, settings = majority(bench, threshold=3, more_than=0)
        pool = bench.checking(**settings)
        pages = worked(bench, pool, 1, overlap=2)
        assert skills(bench, skill) == {}
        bench.client.patch_task(pages[0].tasks[0].id, toloka.task.TaskPatch(overlap=5))
        bench.client.open_pool(pool.id)
        bench.run(3)
        by_rank = {RANK[user_id]: value for user_id, value in skills(bench, skill).items()}
    assert by_rank == {0: 0, 1: 0, 2: 100, 3: 100, 4: 100}


def test_those_who_are_mostly_against_the_majority_are_banned():
    with serving(world(FIVE, table(*["AAAAB"] * 10))) as bench:
        collector = collectors.MajorityVote(answer_threshold=2)
        when = [conditions.TotalAnswersCount > 9, conditions.CorrectAnswersRate < 50]
        worked(bench, bench.checking(**rules((collector, when, BAN))), 10, overlap=5)
        assert {RANK[user_id] for user_id in banned(bench)} == {4}
        ban = next(iter(bench.client.get_user_restrictions()))
        assert (ban.scope.value, (ban.will_expire - ban.created).days) == ("PROJECT", 10)


def test_a_submitted_page_gives_the_skill_before_it_is_reviewed(bench):
    skill = bench.client.create_skill(name="outliner")
    when, action = [conditions.AssignmentsAcceptedCount > 0], actions.SetSkill(skill_id=skill.id, skill_value=1)
    pages = worked(bench, bench.outlining(**rules((collectors.AnswerCount(), when, action))), 10)
    assert {page.status for page in pages} == {toloka.Assignment.SUBMITTED}
    assert skills(bench, skill) == {page.user_id: 1 for page in pages}


def test_those_who_are_too_fast_twice_are_banned():
    crowd = Crowd(skip=0.0, expire=0.0, seconds_per_task=4.0)
    with serving(world(crowd)) as bench:
        collector = collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=20, history_size=5)
        pages = worked(
            bench, bench.checking(**rules((collector, [conditions.FastSubmittedCount > 1], BAN))), 200, overlap=4
        )
        fast: dict[str, int] = {}
        for page in pages:
            fast[page.user_id] = fast.get(page.user_id, 0) + ((page.submitted - page.created).total_seconds() < 20)
        assert banned(bench) == {user_id for user_id, count in fast.items() if count >= 2}


def test_refusals_ban_when_time_next_moves(bench):
    when = [conditions.TotalAssignmentsCount > 2, conditions.RejectedAssignmentsRate > 35]
    pages = worked(bench, bench.outlining(**rules((collectors.AcceptanceRate(), when, BAN))), 200)
    busy = max({page.user_id for page in pages}, key=lambda user_id: sum(page.user_id == user_id for page in pages))
    own = [page.id for page in pages if page.user_id == busy][:3]
    bench.client.accept_assignment(own[0], "")
    bench.client.reject_assignment(own[1], "")
    bench.run(0)
    assert banned(bench) == set()
    bench.client.reject_assignment(own[2], "")
    assert banned(bench) == set()
    at = bench.world.now
    bench.run(1)
    assert banned(bench) == {busy}
    assert next(iter(bench.client.get_user_restrictions())).created.timestamp() == at


def test_after_a_ban_has_ended_its_rule_begins_to_count_anew(bench):
    short = actions.RestrictionV2(scope="PROJECT", duration_unit="HOURS", duration=1)
    pool = bench.outlining(**rules((collectors.AcceptanceRate(), [conditions.RejectedAssignmentsRate > 35], short)))
    pages = worked(bench, pool, 300)
    busy = max({page.user_id for page in pages}, key=lambda user_id: sum(page.user_id == user_id for page in pages))
    own = [page.id for page in pages if page.user_id == busy]
    for identity in own[:3]:
        bench.client.reject_assignment(identity, "")
    bench.run(2)
    bench.client.accept_assignment(own[3], "")
    bench.run(1)
    assert [line["kind"] for line in bench.world.history() if line["kind"] == "RESTRICTION"] == ["RESTRICTION"]
    bench.client.reject_assignment(own[4], "")
    bench.run(0)
    assert len([line for line in bench.world.history() if line["kind"] == "RESTRICTION"]) == 2


def test_a_refused_page_is_asked_again_and_its_pool_open_before_the_refusal_is_answered(bench):
    when = [conditions.AssessmentEvent == conditions.AssessmentEvent.REJECT]
    action = actions.ChangeOverlap(delta=1, open_pool=True)
    pool = bench.outlining(**rules((collectors.AssignmentsAssessment(), when, action)))
    pages = worked(bench, pool, 3)
    assert bench.client.get_pool(pool.id).is_closed()
    bench.client.accept_assignment(pages[0].id, "")
    assert bench.client.get_pool(pool.id).is_closed()
    bench.client.reject_assignment(pages[1].id, "")
    assert bench.client.get_pool(pool.id).is_open()
    bench.run(3)
    again = list(bench.client.get_assignments(task_id=pages[1].tasks[0].id))
    assert (len(again), len({page.user_id for page in again})) == (2, 2)


def test_history_size_counts_over_the_pools_of_the_project(bench):
    collector = collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=1, history_size=100)
    skill = bench.client.create_skill(name="pages")
    upto = ((n, actions.SetSkill(skill_id=skill.id, skill_value=n)) for n in range(1, 21))
    settings = rules(*((collector, [conditions.TotalSubmittedCount == n], action) for n, action in upto))
    one = bench.checking(**settings)
    other = bench.client.create_pool(_checking(bench.client.get_project(one.project_id), **settings))
    pages = [page for pool in (one, other) for page in worked(bench, pool, 60, overlap=3)]
    counts = {user_id: sum(page.user_id == user_id for page in pages) for user_id in {page.user_id for page in pages}}
    latest = {page.user_id: page.pool_id for page in sorted(pages, key=lambda page: page.submitted)}
    assert max(counts.values()) > 1
    assert skills(bench, skill) == counts
    assert other.id in latest.values()


def test_a_condition_on_a_rate_without_answers_is_false(bench):
    pool = bench.outlining(**rules((collectors.AcceptanceRate(), [conditions.AcceptedAssignmentsRate < 101], BAN)))
    worked(bench, pool, 5)
    assert banned(bench) == set()


def test_a_refusal_stands_even_when_its_pool_cannot_be_opened_again(bench):
    when = [conditions.AssessmentEvent == conditions.AssessmentEvent.REJECT]
    action = actions.ChangeOverlap(delta=1, open_pool=True)
    end = datetime.fromtimestamp(bench.world.now + 4 * HOUR, UTC)
    pool = bench.outlining(will_expire=end, **rules((collectors.AssignmentsAssessment(), when, action)))
    page = worked(bench, pool, 1)[0]
    bench.run(2)
    assert bench.client.reject_assignment(page.id, "no").status == toloka.Assignment.REJECTED
    assert bench.client.get_pool(pool.id).is_closed()
    assert bench.client.get_task(page.tasks[0].id).overlap == 2


def test_a_permanent_ban_has_no_end(bench):
    forever = actions.RestrictionV2(scope="POOL", duration_unit="PERMANENT")
    pool = bench.outlining(**rules((collectors.AnswerCount(), [conditions.AssignmentsAcceptedCount > 0], forever)))
    users = [page.user_id for page in worked(bench, pool, 10)]
    assert len(users) == len(set(users)) == 10
    assert {ban.will_expire for ban in bench.client.get_user_restrictions(pool_id=pool.id)} == {None}


def shut_out(bench: Bench, *when: Any, **settings: Any) -> tuple[toloka.Pool, toloka.Skill, list[toloka.Assignment]]:
    """A closed pool for those whose skill is 50 or more, of whom one does three pages; others may have them anew."""
    skill = bench.client.create_skill(name="able")
    for person in FIVE.people()[:3]:
        bench.client.set_user_skill(skill_id=skill.id, user_id=person.id, value=Decimal(80))
    again = actions.ChangeOverlap(delta=1, open_pool=True)
    wanted = [condition(skill) if callable(condition) else condition for condition in when]
    control = rules((collectors.UsersAssessment(), wanted, again), *settings.pop("others", ()))
    mixer = MixerConfig(real_tasks_count=1)
    pool = bench.checking(filter=Skill(skill.id) >= 50, mixer_config=mixer, **control, **settings)
    pages = worked(bench, pool, 12, overlap=1)
    assert len({page.user_id for page in pages}) > 1
    assert bench.client.get_pool(pool.id).is_closed()
    return pool, skill, sorted(pages, key=lambda page: page.created)


def asked_again(bench: Bench, pages: list[toloka.Assignment]) -> set[str]:
    """Who did the pages whose task has a raised overlap."""
    raised = [page for page in pages if bench.client.get_task(page.tasks[0].id).overlap == 2]
    return {page.user_id for page in raised}


LOST = conditions.PoolAccessRevokedReason


def test_work_of_those_who_lost_their_skill_is_done_by_others():
    with serving(world(FIVE)) as bench:
        pool, skill, pages = shut_out(bench, LOST == LOST.SKILL_CHANGE, lambda skill: conditions.SkillId == skill.id)
        user_id = pages[0].user_id
        bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(60))
        bench.run(0)
        assert asked_again(bench, pages) == set()
        bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(40))
        bench.run(3)
        assert asked_again(bench, pages) == {user_id}
        own = {page.tasks[0].id for page in pages if page.user_id == user_id}
        done = [page for page in bench.client.get_assignments(pool_id=pool.id) if page.tasks[0].id in own]
        assert len(done) == 2 * len(own)
        assert sum(page.user_id == user_id for page in done) == len(own)
        bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(30))
        bench.run(1)
        assert {bench.client.get_task(identity).overlap for identity in own} == {2}


def test_a_skill_that_is_taken_away_is_lost_and_another_is_another():
    with serving(world(FIVE)) as bench:
        other = bench.client.create_skill(name="other")
        _, skill, pages = shut_out(bench, LOST == LOST.SKILL_CHANGE, conditions.SkillId == other.id)
        held = next(bench.client.get_user_skills(skill_id=skill.id, user_id=pages[0].user_id))
        bench.client.delete_user_skill(held.id)
        bench.run(1)
        assert asked_again(bench, pages) == set()
    with serving(world(FIVE)) as bench:
        _, skill, pages = shut_out(bench, LOST == LOST.SKILL_CHANGE)
        held = next(bench.client.get_user_skills(skill_id=skill.id, user_id=pages[0].user_id))
        bench.client.delete_user_skill(held.id)
        bench.run(1)
        assert asked_again(bench, pages) == {pages[0].user_id}


def test_a_skill_that_nobody_set_for_too_long_is_lost():
    with serving(world(FIVE)) as bench:
        _, skill, pages = shut_out(bench, LOST == LOST.SKILL_CHANGE)
        skill.skill_ttl_hours = 100
        bench.client.update_skill(skill.id, skill)
        kept = pages[0].user_id
        bench.client.set_user_skill(skill_id=skill.id, user_id=kept, value=Decimal(60))
        bench.run(50)
        assert asked_again(bench, pages) == set()
        bench.run(48)
        assert asked_again(bench, pages) == {page.user_id for page in pages} - {kept}


def test_work_of_those_whom_a_rule_bans_is_done_by_others_but_not_of_those_the_requester_bans():
    ban = actions.RestrictionV2(scope="PROJECT", duration_unit="PERMANENT")
    refused = (collectors.AcceptanceRate(), [conditions.RejectedAssignmentsRate > 0], ban)
    by_hand = {"auto_accept_solutions": False, "auto_accept_period_day": 21, "others": (refused,)}
    with serving(world(FIVE)) as bench:
        pool, _, pages = shut_out(bench, LOST == LOST.RESTRICTION, **by_hand)
        first = pages[0]
        second = next(page for page in pages if page.user_id != first.user_id)
        bench.client.set_user_restriction(
            toloka.user_restriction.PoolUserRestriction(user_id=second.user_id, pool_id=pool.id)
        )
        bench.run(1)
        assert asked_again(bench, pages) == set()
        bench.client.reject_assignment(first.id, "no")
        bench.run(1)
        assert banned(bench) == {first.user_id, second.user_id}
        assert asked_again(bench, pages) == {first.user_id}
        assert bench.client.get_task(first.tasks[0].id).overlap == 1
