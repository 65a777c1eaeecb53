from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, outlining_pool, outlining_project, without_skill
from test_simulator_pools import segmentation_rules
from toloka.client import actions, collectors, conditions
from toloka.client.exceptions import DoesNotExistApiError, ValidationApiError
from toloka.client.user_skill import SetUserSkillRequest

from simulator.crowd.performers import Crowd

SOMEBODY = Crowd().people()[0].id


def test_a_skill_is_found_by_its_exact_name(bench):
    made = bench.client.create_skill(name="Кровь 🩸 (quality)", hidden=True)
    assert next(bench.client.get_skills(name="Кровь 🩸 (quality)")).id == made.id
    assert next(bench.client.get_skills(name="Кровь"), None) is None
    assert bench.client.get_skill(made.id) == made
    made.private_comment = "ours"
    assert bench.client.update_skill(made.id, made).private_comment == "ours"


def test_a_skill_without_a_name_is_refused(bench):
    with pytest.raises(ValidationApiError):
        bench.client.create_skill(hidden=True)


def test_a_user_skill_is_one_record_with_a_rounded_and_an_exact_value(bench):
    skill = bench.client.create_skill(name="speed")
    first = bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("66.5"))
    bench.run(1)
    second = bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("70"))
    assert (first.id, first.value, float(first.exact_value)) == (second.id, 67, 66.5)
    read = bench.client.get_user_skill(first.id)
    assert (read.value, (read.modified - read.created).total_seconds()) == (70, 3600)
    assert [each.id for each in bench.client.get_user_skills(skill_id=skill.id)] == [first.id]
    bench.client.delete_user_skill(first.id)
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_user_skill(first.id)


def valued(bench: Bench, skill: toloka.Skill) -> list[float]:
    return [each.value for each in bench.client.get_user_skills(skill_id=skill.id)]


def test_a_value_that_was_not_set_for_as_long_as_its_skill_says_is_taken_away(bench):
    skill = bench.client.create_skill(name="speed", skill_ttl_hours=10)
    held = bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("70"))
    bench.run(9)
    again = bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("70"))
    assert (again.id, again.modified - held.modified) == (held.id, timedelta(hours=9))
    bench.run(9.5)
    assert valued(bench, skill) == [70]
    bench.run(1)
    assert valued(bench, skill) == []
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_user_skill(held.id)
    *_, last = (line for line in bench.world.history() if line["kind"] == "USER_SKILL")
    gone_at = (again.modified + timedelta(hours=10)).replace(tzinfo=None).isoformat(timespec="milliseconds")
    assert (last["at"], last["value"], last["id"]) == (gone_at, None, SOMEBODY)


def test_how_long_values_are_kept_can_be_changed(bench):
    skill = bench.client.create_skill(name="speed", skill_ttl_hours=1)
    bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("70"))
    assert bench.client.update_skill(skill.id, toloka.Skill(name="speed")).skill_ttl_hours is None
    bench.run(48)
    assert valued(bench, skill) == [70]
    assert bench.client.update_skill(skill.id, toloka.Skill(name="speed", skill_ttl_hours=50)).skill_ttl_hours == 50
    bench.run(1)
    assert valued(bench, skill) == [70]
    bench.run(2)
    assert valued(bench, skill) == []


def test_a_value_that_is_deleted_and_given_anew_is_kept_from_then_on(bench):
    skill = bench.client.create_skill(name="speed", skill_ttl_hours=10)
    held = bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("70"))
    bench.run(6)
    bench.client.delete_user_skill(held.id)
    bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("70"))
    bench.run(6)
    assert valued(bench, skill) == [70]
    delete(bench, skill)
    bench.run(6)
    assert list(bench.client.get_user_skills(user_id=SOMEBODY)) == []


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        (-5, "VALUE_LESS_THAN_MIN"),
        (0, "VALUE_LESS_THAN_MIN"),
        (1.5, "INTEGER_EXPECTED"),
        ("5", "INTEGER_EXPECTED"),
        (10**16, "VALUE_GREATER_THAN_MAX"),
    ],
)
def test_values_are_kept_for_whole_hours(bench, hours, code):
    answer = bench.http.post("skills", json={"name": "speed", "skill_ttl_hours": hours})
    assert (answer.status_code, answer.json()["payload"]["skill_ttl_hours"]["code"]) == (400, code)


def test_bad_user_skills_are_named(bench):
    body = {"skill_id": "404", "user_id": "nobody", "value": 101, "colour": "red"}
    answer = httpx.put(f"{bench.url}/api/v1/user-skills", json=body, headers={"Authorization": "OAuth token"})
    assert set(answer.json()["payload"]) == set(body)
    with pytest.raises(ValidationApiError):
        bench.client.set_user_skill(SetUserSkillRequest(skill_id="1"))


def users(bench: Bench, pool: toloka.Pool) -> set[str]:
    return {page.user_id for page in bench.client.get_assignments(pool_id=pool.id)}


def test_a_filter_keeps_out_those_with_a_skill_until_they_lose_it(bench):
    skill = bench.client.create_skill(name="outliner")
    held = [bench.client.set_user_skill(skill_id=skill.id, user_id=p.id, value=Decimal("1")) for p in Crowd().people()]
    pool = bench.checking(filter=without_skill(skill.id))
    bench.fill(pool, 10, overlap=1)
    bench.client.open_pool(pool.id)
    bench.run()
    assert users(bench, pool) == set()
    for each in held:
        bench.client.delete_user_skill(each.id)
    bench.run()
    assert len(users(bench, pool)) == 1


def test_those_whose_value_is_kept_no_longer_may_come_in(bench):
    skill = bench.client.create_skill(name="outliner", skill_ttl_hours=24)
    for person in Crowd().people():
        bench.client.set_user_skill(skill_id=skill.id, user_id=person.id, value=Decimal("1"))
    pool = bench.checking(filter=without_skill(skill.id))
    bench.fill(pool, 10, overlap=1)
    bench.client.open_pool(pool.id)
    bench.run(23)
    assert users(bench, pool) == set()
    bench.run(12)
    assert len(users(bench, pool)) == 1


@pytest.mark.parametrize(
    ("condition", "lets_in"),
    [
        (lambda skill: skill > 50, True),
        (lambda skill: skill <= 50, False),
        (lambda skill: skill == 60, True),
        (lambda skill: skill != 60, False),
        (lambda skill: skill != None, True),  # noqa: E711 the kit builds filters by ==
        (lambda skill: skill == None, False),  # noqa: E711
    ],
)
def test_numbers_of_a_skill_are_compared(bench, condition, lets_in):
    skill = bench.client.create_skill(name="quality")
    for person in Crowd().people():
        bench.client.set_user_skill(skill_id=skill.id, user_id=person.id, value=Decimal("60"))
    pool = bench.checking(filter=condition(toloka.filter.Skill(skill.id)))
    bench.fill(pool, 10, overlap=1)
    bench.client.open_pool(pool.id)
    bench.run()
    assert bool(users(bench, pool)) is lets_in


def test_a_missing_skill_fails_every_number(bench):
    skill = bench.client.create_skill(name="quality")
    pool = bench.checking(filter=toloka.filter.Skill(skill.id) >= 0)
    bench.fill(pool, 10, overlap=1)
    bench.client.open_pool(pool.id)
    bench.run()
    assert users(bench, pool) == set()


def delete(bench: Bench, skill: toloka.Skill) -> tuple[int, str]:
    """The kit has no call for it."""
    url = f"{bench.url}/api/v1/skills/{skill.id}"
    answer = httpx.delete(url, headers={"Authorization": "OAuth token"})
    return answer.status_code, answer.json()["code"] if answer.content else ""


def test_a_deleted_skill_is_gone_with_all_its_values(bench):
    skill = bench.client.create_skill(name="speed")
    bench.client.set_user_skill(skill_id=skill.id, user_id=SOMEBODY, value=Decimal("50"))
    assert delete(bench, skill) == (204, "")
    assert list(bench.client.get_user_skills(user_id=SOMEBODY)) == []
    assert list(bench.client.get_skills(name="speed")) == []
    assert delete(bench, skill) == (404, "DOES_NOT_EXIST")


def test_a_skill_that_a_pools_filter_or_rule_uses_stays_until_the_pool_is_archived(bench):
    asked, given = (bench.client.create_skill(name=name) for name in ("asked", "given"))
    project = bench.client.create_project(outlining_project())
    pool = outlining_pool(project.id, filter=without_skill(asked.id))
    pool = bench.client.create_pool(segmentation_rules(pool, given.id))
    assert {delete(bench, skill) for skill in (asked, given)} == {(409, "SKILL_IS_USED")}
    bench.client.archive_pool(pool.id)
    assert {delete(bench, skill) for skill in (asked, given)} == {(204, "")}


def test_a_rule_of_an_archived_pool_cannot_give_a_skill_that_is_gone(bench):
    skill = bench.client.create_skill(name="accepted")
    project = bench.client.create_project(outlining_project())
    pool = outlining_pool(project.id)
    pool.quality_control.add_action(
        collector=collectors.AcceptanceRate(),
        conditions=[conditions.TotalAssignmentsCount > 0],
        action=actions.SetSkill(skill_id=skill.id, skill_value=1),
    )
    pool = bench.client.create_pool(pool)
    bench.fill(pool, 1)
    bench.client.open_pool(pool.id)
    bench.run()
    bench.client.accept_assignment(next(iter(bench.client.get_assignments(pool_id=pool.id))).id, "")
    bench.client.archive_pool(pool.id)
    assert delete(bench, skill) == (204, "")
    bench.run(1)
    assert [line for line in bench.world.history() if line["kind"] == "USER_SKILL"] == []
