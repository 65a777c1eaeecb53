from datetime import UTC, datetime

import httpx
import pytest
import toloka.client as toloka
from ruled import alone, banned, in_turn, pages_of, rules, single, work
from simulated import HOUR, Bench, serving
from toloka.client import actions, collectors, conditions
from toloka.client.exceptions import ApiError, DoesNotExistApiError
from toloka.client.user_restriction import (
    AllProjectsUserRestriction,
    PoolUserRestriction,
    ProjectUserRestriction,
)

from simulator.crowd.performers import Crowd

PEOPLE = [person.id for person in Crowd().people()]


def users(bench: Bench, pool: toloka.Pool) -> set[str]:
    return {page.user_id for page in bench.client.get_assignments(pool_id=pool.id)}


def ban(bench: Bench, pool: toloka.Pool, scope: str, user_id: str, **fields: object) -> toloka.UserRestriction:
    kinds = {
        "POOL": lambda: PoolUserRestriction(user_id=user_id, pool_id=pool.id, **fields),
        "PROJECT": lambda: ProjectUserRestriction(user_id=user_id, project_id=pool.project_id, **fields),
        "ALL_PROJECTS": lambda: AllProjectsUserRestriction(user_id=user_id, **fields),
    }
    return bench.client.set_user_restriction(kinds[scope]())


@pytest.mark.parametrize("scope", ["POOL", "PROJECT", "ALL_PROJECTS"])
def test_a_banned_person_gets_nothing_within_the_bans_scope(bench, scope):
    pool = bench.outlining()
    bench.fill(pool, 30)
    for user_id in PEOPLE[5:]:
        ban(bench, pool, scope, user_id)
    bench.client.open_pool(pool.id)
    bench.run()
    assert users(bench, pool)
    assert users(bench, pool) <= set(PEOPLE[:5])


def test_a_ban_is_read_changed_found_and_lifted(bench):
    pool = bench.outlining()
    made = ban(bench, pool, "POOL", PEOPLE[0], private_comment="why")
    again = ban(bench, pool, "POOL", PEOPLE[0], private_comment="because")
    assert again.id == made.id
    read = bench.client.get_user_restriction(made.id)
    assert (read.private_comment, read.pool_id, read.user_id) == ("because", pool.id, PEOPLE[0])
    for query in ({"scope": "POOL"}, {"user_id": PEOPLE[0]}, {"pool_id": pool.id}):
        assert [each.id for each in bench.client.get_user_restrictions(**query)] == [made.id]
    assert list(bench.client.get_user_restrictions(project_id=pool.project_id)) == []
    bench.client.delete_user_restriction(made.id)
    with pytest.raises(DoesNotExistApiError):
        bench.client.get_user_restriction(made.id)


def test_people_come_back_when_their_ban_ends_or_is_lifted(bench):
    pool = bench.outlining()
    bench.fill(pool, 1)
    end = datetime.fromtimestamp(bench.world.now + 10 * HOUR, UTC)
    bans = [ban(bench, pool, "ALL_PROJECTS", user_id, will_expire=end) for user_id in PEOPLE]
    bench.client.open_pool(pool.id)
    bench.run(9)
    assert (users(bench, pool), bench.world.next_event_at()) == (set(), None)
    bench.run(2)
    assert len(users(bench, pool)) == 1
    bench.fill(pool, 1, overlap=2)
    bench.client.delete_user_restriction(bans[0].id)
    bench.client.open_pool(pool.id)
    bench.run(1)
    assert len(users(bench, pool)) == 3


def test_bad_restrictions_are_named(bench):
    url, auth = f"{bench.url}/api/v1/user-restrictions", {"Authorization": "OAuth token"}
    body = {"scope": "PROJECT", "user_id": "nobody", "project_id": "404", "colour": "red"}
    assert set(httpx.put(url, json=body, headers=auth).json()["payload"]) == {"user_id", "project_id", "colour"}
    assert set(httpx.put(url, json={"scope": "GALAXY"}, headers=auth).json()["payload"]) == {"scope", "user_id"}
    with pytest.raises(ApiError) as caught:
        bench.client.set_user_restriction(toloka.user_restriction.SystemUserRestriction(user_id=PEOPLE[0]))
    assert caught.value.code == "SYSTEM_SCOPE_MODIFICATION"
    for scope, needed in (("PROJECT", "project_id"), ("POOL", "pool_id")):
        payload = httpx.put(url, json={"scope": scope}, headers=auth).json()["payload"]
        assert {name: each["code"] for name, each in payload.items()} == dict.fromkeys(
            ("user_id", needed), "VALUE_REQUIRED"
        )


# bans by rules

FAST = collectors.AssignmentSubmitTime(fast_submit_threshold_seconds=10), [conditions.FastSubmittedCount > 0]
FIRST = collectors.AnswerCount(), [conditions.AssignmentsAcceptedCount > 0]


def of(duration: int, unit: str, comment: str = "a rule") -> actions.RestrictionV2:
    return actions.RestrictionV2(scope="PROJECT", duration=duration, duration_unit=unit, private_comment=comment)


FOR_GOOD = actions.RestrictionV2(scope="PROJECT", duration_unit="PERMANENT", private_comment="for good")


def worked(bench: Bench, *ruled: tuple, pages: int = 6) -> toloka.Pool:
    """A pool with these rules, and an hour of its one performer's work."""
    pool = single(bench, **rules(*ruled))
    in_turn(bench, pool, pages)
    work(bench, pool, 1)
    return pool


def bans(bench: Bench) -> list[toloka.UserRestriction]:
    return sorted(bench.client.get_user_restrictions(), key=lambda each: each.created)


def end_in(bench: Bench, hours: float) -> datetime:
    return datetime.fromtimestamp(bench.world.now + hours * HOUR, UTC)


def at_work(bench: Bench, pool: toloka.Pool) -> toloka.Assignment:
    """The page that the one performer is busy with."""
    in_turn(bench, pool, 3)
    bench.client.open_pool(pool.id)
    while not pages_of(bench, pool):
        bench.world.advance(bench.world.now + 5)
    (page,) = pages_of(bench, pool)
    assert page.status.value == "ACTIVE"
    return page


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(
    ("longer", "hours"), [(FOR_GOOD, None), (of(2, "DAYS", "for long"), 48)], ids=["for good", "for long"]
)
def test_of_two_rules_the_longer_ban_holds_in_whichever_order_they_are(turn, longer, hours):
    with serving(alone([5] * 3)) as bench:
        worked(bench, *[(*FAST, longer), (*FIRST, of(1, "DAYS"))][::turn])
        (ban,) = bans(bench)
        assert ban.private_comment == longer.parameters.private_comment
        assert (ban.will_expire and (ban.will_expire - ban.created).total_seconds() / HOUR) == hours


@pytest.mark.parametrize("hours", [None, 24])
def test_a_rule_does_not_shorten_a_ban_of_the_requester(hours):
    with serving(alone([50] * 3)) as bench:
        pool = single(bench, **rules((*FIRST, of(1, "HOURS"))))
        page = at_work(bench, pool)
        end = end_in(bench, hours) if hours else None
        made = ban(bench, pool, "PROJECT", page.user_id, private_comment="by hand", will_expire=end)
        bench.run(12)
        assert bans(bench) == [made]
        assert [each.status.value for each in pages_of(bench, pool)] == ["ACCEPTED"]


def test_a_rule_prolongs_a_shorter_ban_of_the_requester_which_keeps_its_comment():
    with serving(alone([50] * 3)) as bench:
        pool = single(bench, **rules((*FIRST, FOR_GOOD)))
        page = at_work(bench, pool)
        made = ban(bench, pool, "PROJECT", page.user_id, private_comment="by hand", will_expire=end_in(bench, 1))
        bench.run(12)
        (now,) = bans(bench)
        assert (now.id, now.private_comment, now.will_expire) == (made.id, "by hand", None)


@pytest.mark.parametrize("hours", [0.0, 0.1])
def test_a_rule_counts_anew_after_the_requester_lifted_its_ban(hours):
    """Also when that was at the very moment at which the ban began."""
    with serving(alone([5, 50, 50, 5, 50])) as bench:
        pool = single(bench, **rules((*FAST, of(10, "DAYS"))))
        in_turn(bench, pool, 5)
        bench.client.open_pool(pool.id)
        while not bans(bench):
            event_at = bench.world.next_event_at()
            assert event_at is not None
            bench.world.advance(event_at)
        bench.run(hours)
        bench.client.delete_user_restriction(bans(bench)[0].id)
        bench.run(12)
        *_, last = pages = pages_of(bench, pool)
        (again,) = bans(bench)
        assert (len(pages), again.created) == (4, last.submitted)
        assert (again.will_expire - again.created).days == 10


def test_a_rule_counts_anew_after_the_requester_shortened_its_ban():
    with serving(alone([5, 50, 5, 5])) as bench:
        pool = worked(bench, (*FAST, of(10, "DAYS")), pages=4)
        (first,) = bans(bench)
        changed = ban(bench, pool, "PROJECT", first.user_id, will_expire=end_in(bench, 1))
        bench.run(12)
        pages = pages_of(bench, pool)
        assert (changed.id, len(pages)) == (first.id, 3)
        assert pages[1].created >= changed.will_expire
        assert [each.created for each in bans(bench)] == [first.created, pages[2].submitted]


def test_a_ban_that_the_requester_made_longer_and_then_lifted_is_over_for_its_rule_too():
    with serving(alone([5, 5])) as bench:
        pool = worked(bench, (*FAST, of(10, "DAYS")), pages=2)
        (first,) = bans(bench)
        ban(bench, pool, "PROJECT", first.user_id)
        bench.run(12)
        bench.client.delete_user_restriction(first.id)
        bench.run(12)
        assert [each.created for each in bans(bench)] == [pages_of(bench, pool)[1].submitted]


def test_a_ban_that_has_run_out_is_followed_by_a_new_one():
    with serving(alone([5] * 3)) as bench:
        pool = worked(bench, (*FAST, of(10, "HOURS")))
        (first,) = bans(bench)
        bench.run(12)
        (second,) = bench.client.get_user_restrictions(created_gt=first.created)
        assert (second.id != first.id, second.created) == (True, pages_of(bench, pool)[1].submitted)
        assert bans(bench) == [first, second]
        bench.client.delete_user_restriction(first.id)
        bench.run(5)
        assert (banned(bench), len(pages_of(bench, pool))) == ({second.user_id}, 2)
        by_hand = ban(bench, pool, "PROJECT", second.user_id)
        assert by_hand.id == second.id
        bench.client.delete_user_restriction(second.id)
        bench.run(12)
        assert len(pages_of(bench, pool)) == 3
