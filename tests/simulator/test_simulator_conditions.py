"""A project's own rules are about the work in all its pools."""

import blood
from ruled import banned, pages_of, rules, work
from simulated import Bench, serving, world
from toloka.client import actions, collectors, conditions

from simulator.crowd.performers import Crowd

BAN = actions.RestrictionV2(scope="PROJECT", duration_unit="PERMANENT")


def pools_of(bench: Bench, collector: object, condition: object, action: object = BAN) -> list:
    """Two pools of a project with this rule, of which each has done its work."""
    project = blood.project()
    project.quality_control = rules((collector, [condition], action))["quality_control"]
    made = bench.client.create_project(project)
    pools = [bench.client.create_pool(blood.pool(made.id, 1, 1, private_name=name)) for name in ("one", "other")]
    for pool in pools:
        bench.client.create_tasks(
            blood.tasks(pool.id, 10, "golden") + blood.tasks(pool.id, 40, "real"), allow_defaults=True
        )
        work(bench, pool, 2)
    return pools


def test_pages_are_counted_over_the_pools_of_the_project():
    with serving(world(Crowd(performers=10, skip=0.0, expire=0.0), blood.answer)) as bench:
        bench.client.create_project(blood.project("Another"))
        pools = pools_of(bench, collectors.AnswerCount(), conditions.AssignmentsAcceptedCount > 5)
        done: dict[str, list[str]] = {}
        for pool in pools:
            for page in pages_of(bench, pool):
                done.setdefault(page.user_id, []).append(pool.id)
        assert banned(bench) == {user_id for user_id, where in done.items() if len(where) == 6} != set()
        assert max(map(len, done.values())) == 6
        assert any(len(set(where)) == 2 for user_id, where in done.items() if user_id in banned(bench))


def test_a_share_is_of_answers_in_all_pools_and_a_majority_is_told_without_a_pools_rule():
    with serving(world(Crowd(performers=6, skip=0.0, expire=0.0, accuracy=0.6), blood.answer)) as bench:
        skill = bench.client.create_skill(name="share")
        give = actions.SetSkillFromOutputField(skill_id=skill.id, from_field="correct_answers_rate")
        pools = pools_of(bench, collectors.GoldenSet(), conditions.TotalAnswersCount > 0, give)
        marks: dict[str, list[bool]] = {}
        for page in (page for pool in pools for page in pages_of(bench, pool)):
            pairs = zip(page.tasks, page.solutions, strict=True)
            right = [s.output_values == t.known_solutions[0].output_values for t, s in pairs if t.known_solutions]
            marks.setdefault(page.user_id, []).extend(right)
        held = {
            each.user_id: round(float(each.exact_value), 6) for each in bench.client.get_user_skills(skill_id=skill.id)
        }
        assert held == {user_id: round(100 * sum(own) / len(own), 6) for user_id, own in marks.items()}
        agreed = bench.client.create_skill(name="agreement")
        vote = actions.SetSkill(skill_id=agreed.id, skill_value=1)
        pools_of(bench, collectors.MajorityVote(answer_threshold=1), conditions.CorrectAnswersRate == 100, vote)
        assert list(bench.client.get_user_skills(skill_id=agreed.id))


def test_a_rule_that_a_project_gets_later_holds_from_then_on(bench):
    pool = bench.outlining()
    bench.fill(pool, 200)
    work(bench, pool, 0.2)
    early = {page.user_id for page in pages_of(bench, pool, status="SUBMITTED")}
    project = bench.client.get_project(pool.project_id)
    control = rules((collectors.AnswerCount(), [conditions.AssignmentsAcceptedCount > 0], BAN))
    project.quality_control = control["quality_control"]
    bench.client.update_project(project.id, project)
    assert banned(bench) == set() != early
    bench.run(3)
    assert banned(bench) >= {page.user_id for page in pages_of(bench, pool, status="SUBMITTED")} - early
