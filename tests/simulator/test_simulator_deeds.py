from decimal import Decimal

import pytest
import toloka.client as toloka
from simulated import HOUR, START, Bench, serving, world

from simulator.records.hands import Act, Hands
from simulator.world.world import World


def handled(*acts: Act) -> World:
    return world(hands=Hands(acts))


def by_hand(bench: Bench) -> list[dict]:
    return [line for line in bench.world.history() if line.get("by") == "operator"]


def started(bench: Bench, count: int = 20, **settings: object) -> toloka.Pool:
    pool = bench.outlining(**settings)
    bench.fill(pool, count)
    return bench.client.open_pool(pool.id)


def submitted(bench: Bench, pool: toloka.Pool) -> list[toloka.Assignment]:
    pages = bench.client.get_assignments(pool_id=pool.id, status="SUBMITTED")
    return sorted(pages, key=lambda page: (page.submitted, page.id))


def test_a_page_is_reviewed_by_its_place_in_the_queue_and_paid_or_not():
    acts = (Act(HOUR, "accept", "outlining", nth=3, text="fine"), Act(HOUR, "reject", "outlining", text="no"))
    with serving(handled(*acts)) as bench:
        pool = started(bench)
        bench.world.advance(START + HOUR - 1)
        first, _, third = submitted(bench, pool)[:3]
        bench.world.advance(START + HOUR)
        accepted, rejected = (bench.client.get_assignment(page.id) for page in (third, first))
        assert (accepted.status, accepted.public_comment) == (toloka.Assignment.ACCEPTED, "fine")
        assert (rejected.status, rejected.public_comment) == (toloka.Assignment.REJECTED, "no")
        assert accepted.accepted.timestamp() == START + HOUR
        assert bench.world.spent_by_pool() == {pool.id: 0.013}
        kinds = ["ASSIGNMENT_APPROVED", "ASSIGNMENT_REJECTED", "MONEY", "MONEY"]
        assert [line["kind"] for line in by_hand(bench)] == kinds
        assert bench.world.undone_acts() == []


def test_who_subscribed_is_told_of_what_was_done_by_hand():
    with serving(handled(Act(HOUR, "reject", "outlining"))) as bench:
        pool = started(bench)
        wanted = toloka.webhook_subscription.WebhookSubscription(
            webhook_url="http://127.0.0.1:9/x", event_type="ASSIGNMENT_REJECTED", pool_id=pool.id
        )
        bench.client.upsert_webhook_subscriptions([wanted])
        bench.world.advance(START + HOUR)
        (notice,) = bench.world.due_notices()
        assert (notice.body["type"], notice.at) == ("ASSIGNMENT_REJECTED", START + HOUR)


def test_a_pool_is_closed_opened_and_archived():
    acts = (Act(100, "close", "outlining"), Act(2 * HOUR, "open", "outlining"), Act(30 * HOUR, "archive", "outlining"))
    with serving(handled(*acts)) as bench:
        pool = started(bench, 100)
        bench.world.advance(START + 100)
        assert bench.client.get_pool(pool.id).last_close_reason == toloka.Pool.CloseReason.MANUAL
        bench.world.advance(START + 2 * HOUR)
        assert bench.client.get_pool(pool.id).is_open()
        bench.run()
        assert len(list(bench.client.get_assignments(pool_id=pool.id))) == 100
        bench.world.advance(START + 60 * HOUR)
        assert bench.client.get_pool(pool.id).is_archived()
        assert [line["kind"] for line in by_hand(bench)] == ["POOL_CLOSED", "POOL_OPENED", "POOL_ARCHIVED"]


def test_an_expired_pool_says_so_and_cannot_be_opened():
    with serving(handled(Act(100, "expire", "outlining"), Act(700, "expire", "outlining"))) as bench:
        pool = started(bench, 100)
        bench.world.advance(START + 1000)
        read = bench.client.get_pool(pool.id)
        assert read.last_close_reason == toloka.Pool.CloseReason.EXPIRED
        assert read.will_expire.timestamp() == START + 100
        with pytest.raises(toloka.exceptions.IncorrectActionsApiError):
            bench.client.open_pool(pool.id)
        assert [act.at for act in bench.world.undone_acts()] == [700]


def test_a_stopped_task_is_issued_no_more():
    with serving(handled(Act(1, "stop-task", "outlining", nth=5))) as bench:
        pool = started(bench, 5)
        bench.run()
        overlaps = sorted((task.overlap, task.remaining_overlap) for task in bench.client.get_tasks(pool_id=pool.id))
        assert overlaps == [(0, 0), (1, 0), (1, 0), (1, 0), (1, 0)]
        assert len(list(bench.client.get_assignments(pool_id=pool.id))) == 4
        assert [(line["kind"], line["overlap"]) for line in by_hand(bench)] == [("OVERLAP", 0)]


def test_a_lower_price_counts_from_then_on():
    with serving(handled(Act(100, "set-price", "outlining", amount=0.005))) as bench:
        pool = started(bench, 60)
        bench.run()
        rewards = {
            (page.created.timestamp() > START + 100, page.reward)
            for page in bench.client.get_assignments(pool_id=pool.id)
        }
        assert rewards == {(False, Decimal("0.01")), (True, Decimal("0.005"))}
        assert [line["changed"] for line in by_hand(bench)] == [{"reward_per_assignment": 0.005}]


def test_a_performer_loses_a_skill():
    with serving(handled(Act(60, "delete-user-skill", "outliner", nth=2))) as bench:
        skill = bench.client.create_skill(name="outliner")
        people = [person.id for person in bench.world.state.crowd.people()[:3]]
        for user_id in people:
            bench.client.set_user_skill(skill_id=skill.id, user_id=user_id, value=Decimal(1))
        bench.run(1)
        left = {held.user_id for held in bench.client.get_user_skills(skill_id=skill.id)}
        assert left == {people[0], people[2]}
        assert [(line["id"], line["value"]) for line in by_hand(bench)] == [(people[1], None)]


def test_instructions_are_edited():
    with serving(handled(Act(60, "edit-project", "Outline cells", text="Look twice"))) as bench:
        pool = bench.outlining()
        bench.run(1)
        assert bench.client.get_project(pool.project_id).public_instructions == "Look twice"
        (line,) = by_hand(bench)
        assert (line["kind"], line["changed"]) == ("PROJECT_UPDATED", {"public_instructions": "Look twice"})


def test_what_cannot_be_done_yet_is_done_as_soon_as_it_can():
    acts = (Act(5, "accept", "outlining"), Act(10, "edit-project", "Outline cells"), Act(20, "close", "checking"))
    with serving(handled(*acts)) as bench:
        bench.run(1)
        assert bench.world.undone_acts() == list(acts)
        pool = started(bench, 1)
        bench.run(1)
        (page,) = bench.client.get_assignments(pool_id=pool.id)
        assert (page.status, page.accepted) == (toloka.Assignment.ACCEPTED, page.submitted)
        assert bench.world.undone_acts() == [acts[2]]


def test_an_act_is_refused_for_the_reasons_that_the_site_has_and_tried_again():
    acts = (Act(60, "archive", "outlining"), Act(60, "set-price", "outlining", amount=0.001), Act(60, "money"))
    with serving(handled(*acts)) as bench:
        pool = started(bench, 1)
        bench.run(1)
        assert bench.world.undone_acts() == list(acts)
        bench.client.accept_assignment(submitted(bench, pool)[0].id, "")
        bench.run(1)
        assert bench.client.get_pool(pool.id).is_archived()
        assert bench.world.undone_acts() == list(acts[1:])


def test_a_person_who_will_act_is_awaited_and_one_who_cannot_is_not():
    made = handled(Act(5 * HOUR, "close", "outlining"))
    assert made.next_event_at() == START + 5 * HOUR
    made.advance(START + 5 * HOUR)
    assert (made.next_event_at(), len(made.undone_acts())) == (None, 1)


def test_of_several_pools_of_a_name_the_first_is_meant_and_an_id_means_itself():
    with serving(handled(Act(60, "archive", "outlining"))) as bench:
        first, later = bench.outlining(), bench.outlining()
        bench.run(1)
        assert bench.client.get_pool(min(first.id, later.id)).is_archived()
        assert not bench.client.get_pool(max(first.id, later.id)).is_archived()


ALL = (
    Act(90, "reject", "outlining", nth=2, text="no"),
    Act(100, "set-price", "outlining", amount=0.02),
    Act(110, "stop-task", "outlining", nth=3),
    Act(120, "accept", "outlining", nth=4),
    Act(130, "close", "outlining"),
    Act(1500, "open", "outlining"),
    Act(1600, "money", amount=-9999.0),
    Act(4000, "edit-project", "Outline cells", text="again"),
    Act(5000, "accept", "outlining", nth=2),
)


def test_small_steps_and_one_leap_and_the_order_of_the_script_make_the_same_world():
    histories = []
    for step, acts in ((7.0, ALL), (4 * HOUR, tuple(reversed(ALL)))):
        with serving(handled(*acts)) as bench:
            pool = bench.outlining()
            bench.fill(pool, 120)
            bench.client.open_pool(pool.id)
            while bench.world.now < START + 4 * HOUR:
                bench.world.advance(min(bench.world.now + step, START + 4 * HOUR))
            assert bench.world.undone_acts() == []
            histories.append("".join(bench.world.history_lines()))
    assert histories[0] == histories[1]
    assert histories[0].count('"by":"operator"') > len(ALL)
