from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from simulated import Bench, serving, world
from toloka.client.exceptions import DoesNotExistApiError, ValidationApiError
from toloka.client.filter import Languages, Skill
from toloka.client.message_thread import Folder, MessageThreadReply

from simulator.crowd.performers import Crowd

AUTH = {"Authorization": "OAuth token"}
TOPIC, TEXT = {"EN": "Hello", "RU": "Привет"}, {"EN": "Here is work"}
TALKATIVE = Crowd(skip=0.0, expire=0.0, replies=1.0)


def people(bench: Bench) -> list[str]:
    return sorted(bench.world.state.people)


def compose(bench: Bench, **fields: Any) -> toloka.MessageThread:
    given: dict[str, Any] = {"topic": TOPIC, "text": TEXT, "answerable": True} | fields
    return bench.client.compose_message_thread(**given)


def direct(bench: Bench, *user_ids: str, **fields: Any) -> toloka.MessageThread:
    return compose(bench, recipients_select_type="DIRECT", recipients_ids=list(user_ids), **fields)


def post(bench: Bench, path: str, body: object) -> httpx.Response:
    return httpx.post(f"{bench.url}/api/v1/message-threads/{path}", json=body, headers=AUTH)


def threads(bench: Bench, **query: Any) -> list[toloka.MessageThread]:
    return list(bench.client.get_message_threads(**query))


def test_a_message_to_some_is_read_back_from_the_outbox(bench):
    one, other, *_ = people(bench)
    sent = direct(bench, other, one, answerable=False)
    assert threads(bench, folder="OUTBOX") == [sent]
    assert (sent.topic, sent.answerable, sent.folders, sent.messages_inlined) == (TOPIC, False, [Folder.OUTBOX], True)
    (message,) = sent.messages
    requester = bench.client.get_requester()
    assert (message.text, message.from_.id, message.from_.myself) == (TEXT, requester.id, True)
    assert sent.created == message.created
    assert sent.created.timestamp() == bench.world.now
    roles = {each.id: each.role.value for each in sent.interlocutors}
    assert roles == {requester.id: "REQUESTER", one: "USER", other: "USER"}
    assert [each.id for each in sent.interlocutors] == sorted(roles)
    assert (sent.compose_details.recipients_select_type.value, sent.compose_details.recipients_ids) == (
        "DIRECT",
        [other, one],
    )
    (line,) = bench.world.history()
    assert (line["kind"], line["id"], line["recipients_ids"]) == ("MESSAGE", sent.id, [other, one])


def test_recipients_are_chosen_by_a_filter_or_are_all_who_worked():
    with serving(world(TALKATIVE)) as bench:
        pool, skill = bench.outlining(), bench.client.create_skill(name="skill")
        bench.fill(pool, 3)
        bench.client.open_pool(pool.id)
        bench.run()
        worked = {page.user_id for page in bench.client.get_assignments(pool_id=pool.id)}
        able = people(bench)[5]
        bench.client.set_user_skill(skill_id=skill.id, user_id=able, value=Decimal(90))
        some = compose(bench, recipients_select_type="FILTER", recipients_filter=Skill(skill.id) > 80)
        everyone = compose(bench, recipients_select_type="ALL")
        assert not some.interlocutors_inlined
        assert some.interlocutors is None
        assert some.compose_details.recipients_filter.and_[0] == (Skill(skill.id) > 80)
        bench.run(6)
        told = {each.messages[0].from_.id: each.messages[1].created for each in threads(bench, folder="INBOX")}
        assert set(told) == worked | {able}
        assert {some.id, everyone.id} == {each.id for each in threads(bench, folder_ne=["INBOX"])}


def test_who_is_alone_in_a_thread_replies_in_it_and_others_each_in_one_of_their_own():
    with serving(world(TALKATIVE)) as bench:
        one, other, third, *_ = people(bench)
        alone, together = direct(bench, one), direct(bench, other, third)
        bench.run(6)
        unread = threads(bench, folder=["UNREAD"])
        assert {each.id for each in unread} > {alone.id}
        assert together.id not in {each.id for each in unread}
        said = {each.messages[0].from_.id: each for each in unread}
        assert set(said) == {one, other, third}
        for user_id, thread in said.items():
            assert [message.text for message in thread.messages][1:] == [TEXT]
            assert thread.messages[0].from_.role.value == "USER"
            assert {each.id for each in thread.interlocutors} == {user_id, bench.client.get_requester().id}
            assert thread.messages[0].created > thread.created
        ours = {line["parent_id"] for line in bench.world.history() if "parent_id" in line}
        assert ours == {together.id}


def test_a_thread_goes_on_and_is_read_when_it_is_replied_to():
    with serving(world(TALKATIVE)) as bench:
        sent = direct(bench, people(bench)[0])
        bench.run(6)
        (thread,) = threads(bench, folder=["UNREAD"])
        answered = bench.client.reply_message_thread(thread.id, MessageThreadReply(text={"EN": "Thanks"}))
        assert answered.id == sent.id
        assert set(answered.folders) == {Folder.INBOX, Folder.OUTBOX}
        assert [message.from_.myself for message in answered.messages] == [True, False, True]
        assert threads(bench) == [answered]
        bench.run(6)
        assert len(threads(bench)[0].messages) == 4


def test_nobody_replies_by_default_or_where_it_is_not_wanted(bench):
    direct(bench, *people(bench))
    with serving(world(TALKATIVE)) as other:
        direct(other, *people(other), answerable=False)
        for each in (bench, other):
            assert each.world.next_event_at() is None
            each.run(24)
            assert len(threads(each)) == len(threads(each)[0].messages) == 1


def test_a_share_of_the_crowd_replies_the_same_in_the_same_world():
    histories = []
    for _ in range(2):
        with serving(world(replace(TALKATIVE, replies=0.3))) as bench:
            direct(bench, *people(bench))
            bench.run(6)
            histories.append(bench.world.history())
    assert histories[0] == histories[1]
    assert 8 < len(histories[0]) - 1 < 30


def test_threads_are_put_into_folders_and_taken_out(bench):
    sent = direct(bench, people(bench)[0])
    added = bench.client.add_message_thread_to_folders(sent.id, ["UNREAD", Folder.IMPORTANT])
    assert set(added.folders) == {Folder.OUTBOX, Folder.UNREAD, Folder.IMPORTANT}
    assert threads(bench, folder=["IMPORTANT", "INBOX"]) == [added]
    assert threads(bench, folder=["OUTBOX"], folder_ne=["UNREAD"]) == []
    removed = bench.client.remove_message_thread_from_folders(sent.id, ["IMPORTANT"])
    assert threads(bench, folder_ne=["IMPORTANT"]) == [removed]
    assert set(removed.folders) == {Folder.OUTBOX, Folder.UNREAD}


def test_threads_are_found_by_id_and_time_page_by_page(bench):
    made = []
    for user_id in people(bench)[:3]:
        made.append(direct(bench, user_id))
        bench.run(1)
    assert threads(bench, batch_size=1) == made
    assert threads(bench, created_gt=made[0].created, created_lt=made[2].created) == [made[1]]
    assert threads(bench, id_lte=made[1].id) == made[:2]
    assert bench.client.find_message_threads(sort=["-created"], limit=2).items == [made[2], made[1]]
    assert made[1].created - made[0].created == timedelta(hours=1)


def test_a_bonus_comes_with_a_message(bench):
    user_id = people(bench)[0]
    bonus = toloka.UserBonus(user_id=user_id, amount=Decimal(1), public_title=TOPIC, public_message=TEXT)
    bench.client.create_user_bonus(bonus)
    (thread,) = threads(bench, folder="OUTBOX")
    assert (thread.topic, thread.messages[0].text, thread.answerable) == (TOPIC, TEXT, False)
    assert thread.compose_details.recipients_ids == [user_id]
    bench.client.create_user_bonus(toloka.UserBonus(user_id=user_id, amount=Decimal(2), without_message=True))
    assert threads(bench) == [thread]


def test_what_cannot_be_sent_is_refused_by_field(bench):
    user_id, good = people(bench)[0], {"topic": TOPIC, "text": TEXT}
    for body, wrong in (
        ({}, {"topic", "text", "recipients_select_type"}),
        (good | {"recipients_select_type": "SOME"}, {"recipients_select_type"}),
        (good | {"recipients_select_type": "DIRECT"}, {"recipients_ids"}),
        (good | {"recipients_select_type": "FILTER"}, {"recipients_filter"}),
        (good | {"recipients_select_type": "ALL", "recipients_ids": [user_id]}, {"recipients_ids"}),
        (good | {"recipients_select_type": "DIRECT", "recipients_ids": [user_id, "nobody"]}, {"recipients_ids[1]"}),
        (good | {"recipients_select_type": "DIRECT", "recipients_ids": [user_id] * 101}, {"recipients_ids"}),
        ({"topic": {}, "text": "Hi", "recipients_select_type": "ALL", "colour": 1}, {"topic", "text", "colour"}),
    ):
        answer = post(bench, "compose", body)
        assert (answer.status_code, set(answer.json()["payload"])) == (400, wrong)
    with pytest.raises(ValidationApiError) as caught:
        compose(bench, recipients_select_type="FILTER", recipients_filter=Skill("404") > 80)
    assert list(caught.value.payload) == ["recipients_filter.and[0].key"]
    assert compose(bench, recipients_select_type="FILTER", recipients_filter=Languages.in_("EN")).id
    sent = direct(bench, user_id)
    for path, body, name in (
        ("reply", {}, "text"),
        ("add-to-folders", {"folders": ["SPAM"]}, "folders[0]"),
        ("remove-from-folders", {"folders": ["INBOX", "INBOX"]}, "folders"),
    ):
        assert list(post(bench, f"{sent.id}/{path}", body).json()["payload"]) == [name]
        assert post(bench, f"404/{path}", body).status_code == 404
    unknown = httpx.get(f"{bench.url}/api/v1/message-threads?folder=SPAM", headers=AUTH)
    assert unknown.json()["payload"]["folder[0]"]["code"] == "UNKNOWN_ENUM_VALUE"
    with pytest.raises(DoesNotExistApiError):
        bench.client.reply_message_thread("404", MessageThreadReply(text=TEXT))


def test_everyone_is_written_to_once_a_day():
    with serving(world(quotas=True)) as bench:
        body = {"topic": TOPIC, "text": TEXT, "recipients_select_type": "ALL"}
        answers = [post(bench, "compose", body) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 429]
        assert answers[1].json()["payload"] == {"interval": "DAY"}
        assert direct(bench, *people(bench)[:100]).id
        bench.run(24)
        assert post(bench, "compose", body).status_code == 201
