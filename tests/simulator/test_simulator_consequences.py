"""What follows from a rule: every action that each collector can have, done by its own occasion."""

import blood
import pytest
import toloka.client as toloka
from ruled import banned, pages_of, rules, work
from simulated import HOUR, Bench, serving, world
from toloka.client import actions, collectors, conditions

from simulator.crowd.performers import Crowd
from simulator.quality.rule_forms import COLLECTORS

FEW = Crowd(performers=8, skip=0.15, expire=0.0, accuracy=1.0)
WHEN = {
    "ACCEPTANCE_RATE": (collectors.AcceptanceRate(), conditions.AcceptedAssignmentsRate > 0),
    "ANSWER_COUNT": (collectors.AnswerCount(), conditions.AssignmentsAcceptedCount > 1),
    "ASSIGNMENT_SUBMIT_TIME": (
        collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=500),
        conditions.FastSubmittedCount > 1,
    ),
    "GOLDEN_SET": (collectors.GoldenSet(), conditions.TotalAnswersCount > 1),
    "INCOME": (collectors.Income(), conditions.IncomeSumForLast24Hours > 0.005),
    "MAJORITY_VOTE": (collectors.MajorityVote(answer_threshold=2), conditions.TotalAnswersCount > 1),
    "SKIPPED_IN_ROW_ASSIGNMENTS": (collectors.SkippedInRowAssignments(), conditions.SkippedInRowCount > 0),
}
"""Each collector about performers, and a condition that comes true; of some by the review of a page."""
RATE = {"ACCEPTANCE_RATE": "accepted_assignments_rate"}
SHARED = [name for name, each in COLLECTORS.items() if "SET_SKILL_FROM_OUTPUT_FIELD" in each.actions]


@pytest.fixture(scope="module")
def town():
    with serving(world(FEW, blood.answer)) as bench:
        yield bench


def reviewed(bench: Bench, collector: str, action: object) -> toloka.Pool:
    """A pool with this one rule, worked in; the first page of who did most is accepted, and the others wait."""
    client, (counted, condition) = bench.client, WHEN[collector]
    control = rules((counted, [condition], action))
    project = client.create_project(blood.project())
    pool = client.create_pool(
        blood.pool(project.id, 1, 1, auto_accept_solutions=False, auto_accept_period_day=21, **control)
    )
    real = blood.tasks(pool.id, 8, "real")
    for task in real:
        task.overlap = 3
    client.create_tasks(blood.tasks(pool.id, 8, "golden") + real)
    work(bench, pool)
    waiting = pages_of(bench, pool, status="SUBMITTED")
    if waiting and collector in ("ACCEPTANCE_RATE", "INCOME"):
        users = [page.user_id for page in waiting]
        client.accept_assignment(next(p.id for p in waiting if p.user_id == max(users, key=users.count)), "yes")
        bench.world.advance(bench.world.now + 1)
    return pool


def test_no_collector_about_performers_is_left_out():
    others = {"ASSIGNMENTS_ASSESSMENT", "USERS_ASSESSMENT", "TRAINING"}
    assert set(WHEN) == COLLECTORS.keys() - others


@pytest.mark.parametrize("collector", WHEN)
def test_a_ban_keeps_out_of_the_pool_for_its_days(town, collector):
    for action in (
        actions.Restriction(scope="POOL", duration_days=2),
        actions.RestrictionV2(scope="POOL", duration_unit="HOURS", duration=48),
    ):
        pool = reviewed(town, collector, action)
        bans = list(town.client.get_user_restrictions(pool_id=pool.id))
        assert bans
        assert {(ban.will_expire - ban.created).total_seconds() for ban in bans} == {48 * HOUR}
        begun = {ban.user_id: ban.created for ban in bans}
        assert all(page.created <= begun.get(page.user_id, page.created) for page in pages_of(town, pool))


@pytest.mark.parametrize("collector", WHEN)
def test_a_skill_is_set(town, collector):
    skill = town.client.create_skill(name=f"set by {collector}")
    pool = reviewed(town, collector, actions.SetSkill(skill_id=skill.id, skill_value=7))
    held = list(town.client.get_user_skills(skill_id=skill.id))
    assert {each.value for each in held} == {7}
    assert {each.user_id for each in held} <= {page.user_id for page in pages_of(town, pool)}


@pytest.mark.parametrize("collector", [name for name in SHARED if name in WHEN])
def test_a_share_becomes_a_skill(town, collector):
    skill = town.client.create_skill(name=f"share of {collector}")
    source = RATE.get(collector, "correct_answers_rate")
    reviewed(town, collector, actions.SetSkillFromOutputField(skill_id=skill.id, from_field=source))
    assert {each.exact_value for each in town.client.get_user_skills(skill_id=skill.id)} == {100}


@pytest.mark.parametrize("collector", WHEN)
def test_all_of_a_performers_pages_are_accepted_or_refused(town, collector):
    for action, status, comment in (
        (actions.ApproveAllAssignments(), "ACCEPTED", None),
        (actions.RejectAllAssignments(public_comment="all of it"), "REJECTED", "all of it"),
    ):
        pages = pages_of(town, reviewed(town, collector, action))
        judged = [page for page in pages if page.status.value == status and page.public_comment == comment]
        users = {page.user_id for page in judged}
        assert users
        at = max(getattr(page, status.lower()) for page in judged)
        late = [page for page in pages if page.user_id in users and page.submitted and page.submitted > at]
        assert all(page.status.value == "SUBMITTED" for page in late)
        own = {page.status.value for page in pages if page.user_id in users and page.submitted and page.submitted <= at}
        assert own <= {status, "ACCEPTED"} or collector == "SKIPPED_IN_ROW_ASSIGNMENTS"


def test_money_follows_a_verdict_on_all():
    with serving(world(FEW, blood.answer, balance=100.0)) as bench:
        first = reviewed(bench, "ANSWER_COUNT", actions.RejectAllAssignments(public_comment="no"))
        assert bench.world.spent_by_pool() == {}
        pool = reviewed(bench, "ANSWER_COUNT", actions.ApproveAllAssignments())
        paid, waiting = (len(pages_of(bench, pool, status=status)) for status in ("ACCEPTED", "SUBMITTED"))
        assert bench.world.spent_by_pool()[pool.id] == pytest.approx(paid * 0.013)
        waiting += len(pages_of(bench, first, status="SUBMITTED"))
        left = 100 - (paid + waiting) * 0.013
        assert float(bench.client.get_requester().balance) == pytest.approx(left)


def test_a_verdict_of_a_rule_is_one_for_the_other_rules():
    """Refused by a rule, a page is asked again by another, and counts as refused by a third."""
    ban = actions.RestrictionV2(scope="POOL", duration_unit="PERMANENT")
    again, refuse = actions.ChangeOverlap(delta=1, open_pool=True), actions.RejectAllAssignments(public_comment="no")
    with serving(world(Crowd(performers=12, skip=0.0, expire=0.0))) as bench:
        control = rules(
            (collectors.AnswerCount(), [conditions.AssignmentsAcceptedCount > 1], refuse),
            (collectors.AssignmentsAssessment(), [conditions.AssessmentEvent == "REJECT"], again),
            (collectors.AcceptanceRate(), [conditions.RejectedAssignmentsRate > 99], ban),
        )
        pool = bench.outlining(**control)
        bench.fill(pool, 20)
        work(bench, pool)
        refused = pages_of(bench, pool, status="REJECTED")
        assert banned(bench) == {page.user_id for page in refused} != set()
        assert {bench.client.get_task(page.tasks[0].id).overlap for page in refused} >= {2}


def test_a_ban_without_days_is_for_good(bench):
    ban = actions.Restriction(scope="ALL_PROJECTS")
    pool = bench.outlining(**rules((collectors.AnswerCount(), [conditions.AssignmentsAcceptedCount > 0], ban)))
    bench.fill(pool, 3)
    work(bench, pool)
    assert {(each.scope.value, each.will_expire) for each in bench.client.get_user_restrictions()} == {
        ("ALL_PROJECTS", None)
    }


def test_after_its_ban_a_performers_pages_count_from_none(bench):
    ban = actions.RestrictionV2(scope="POOL", duration_unit="HOURS", duration=1)
    pool = bench.outlining(**rules((collectors.AnswerCount(), [conditions.AssignmentsAcceptedCount >= 2], ban)))
    bench.fill(pool, 200)
    work(bench, pool, 24)
    begun: dict[str, list] = {}
    for line in bench.world.history():
        if line["kind"] == "RESTRICTION":
            begun.setdefault(line["user_id"], []).append(line["at"])
    assert max(map(len, begun.values())) > 1
    for user_id, moments in begun.items():
        own = [page for page in pages_of(bench, pool) if page.user_id == user_id and page.submitted]
        assert len(own) // 2 == len(moments)
