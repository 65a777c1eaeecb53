"""The steps of the conformance run in which performers are dealt with: paid, written to, and heard."""

from decimal import Decimal
from io import BytesIO

import pytest
import toloka.client as toloka
from conformance import Stand, step
from simulated import VIEW, outlining_pool
from toloka.client.exceptions import ApiError
from toloka.client.project.field_spec import FileSpec, UrlSpec
from toloka.client.project.task_spec import TaskSpec


@step(
    """
    POST /v1/user-bonuses
    GET /v1/user-bonuses
    GET /v1/user-bonuses/{}
    """,
    """
    create_user_bonus create_user_bonuses create_user_bonuses_async get_user_bonus find_user_bonuses get_user_bonuses
    """,
)
def user_bonuses(stand: Stand) -> None:
    kit, page = stand.kit, next(stand.kit.get_assignments(pool_id=stand.unfinished().id))
    before = kit.get_requester().balance
    words = {"public_title": {"EN": "Well done"}, "public_message": {"EN": "A bonus"}}
    wanted = [
        toloka.UserBonus(user_id=page.user_id, amount=Decimal(n) / 10, assignment_id=page.id, **words)
        for n in range(1, 5)
    ]
    one = kit.create_user_bonus(wanted[0])
    assert kit.get_user_bonus(one.id).amount == Decimal("0.1")
    two = kit.create_user_bonuses(wanted[1:3], async_mode=False)
    assert {each.id for each in two.items.values()} <= {each.id for each in kit.get_user_bonuses(user_id=page.user_id)}
    kit.wait_operation(kit.create_user_bonuses_async(wanted[3:]))
    assert len(kit.find_user_bonuses(assignment_id=page.id, sort=["-created"]).items) == 4
    assert kit.get_requester().balance < before - 1
    with pytest.raises(ApiError):
        kit.create_user_bonus(toloka.UserBonus(user_id=page.user_id, amount=Decimal(200), **words))


@step(
    """
    GET /v1/attachments
    GET /v1/attachments/{}
    GET /v1/attachments/{}/download
    """,
    "get_attachment find_attachments get_attachments download_attachment",
)
def attachments(stand: Stand) -> None:
    kit, bench = stand.kit, stand.bench
    spec = TaskSpec(input_spec={"image": UrlSpec()}, output_spec={"photo": FileSpec()}, view_spec=VIEW)
    project = kit.create_project(toloka.Project(public_name="Photos", public_description="Take one", task_spec=spec))
    pool = kit.create_pool(outlining_pool(project.id))
    bench.fill(pool, 2)
    kit.open_pool(pool.id)
    bench.run()
    page = next(kit.get_assignments(pool_id=pool.id))
    (photo,) = kit.get_attachments(assignment_id=page.id)
    assert photo.id == page.solutions[0].output_values["photo"]
    assert kit.get_attachment(photo.id).details.user_id == page.user_id
    assert photo.id in [each.id for each in kit.find_attachments(pool_id=pool.id, sort=["-created"]).items]
    kit.download_attachment(photo.id, out := BytesIO())
    assert out.getvalue()


@step(
    """
    POST /v1/message-threads/compose
    POST /v1/message-threads/{}/reply
    POST /v1/message-threads/{}/add-to-folders
    POST /v1/message-threads/{}/remove-from-folders
    GET /v1/message-threads
    """,
    """
    compose_message_thread reply_message_thread find_message_threads get_message_threads
    add_message_thread_to_folders remove_message_thread_from_folders
    """,
)
def message_threads(stand: Stand) -> None:
    kit, page = stand.kit, next(stand.kit.get_assignments(pool_id=stand.unfinished().id))
    sent = kit.compose_message_thread(
        recipients_select_type="DIRECT",
        recipients_ids=[page.user_id],
        topic={"EN": "Boxes"},
        text={"EN": "Tighter, please"},
        answerable=True,
    )
    assert sent in kit.find_message_threads(folder=["OUTBOX"], sort=["-created"]).items
    kit.add_message_thread_to_folders(sent.id, ["IMPORTANT"])
    assert [each.id for each in kit.get_message_threads(folder=["IMPORTANT"])] == [sent.id]
    kit.remove_message_thread_from_folders(sent.id, ["IMPORTANT"])
    assert list(kit.get_message_threads(folder=["IMPORTANT"])) == []
    kit.reply_message_thread(sent.id, toloka.message_thread.MessageThreadReply(text={"EN": "Thank you"}))
    (thread,) = (each for each in kit.get_message_threads(folder=["OUTBOX"]) if each.id == sent.id)
    assert {message.text["EN"] for message in thread.messages} == {"Tighter, please", "Thank you"}


@step("GET /v1/user-metadata/{}", "get_user")
def user_metadata(stand: Stand) -> None:
    page = next(stand.kit.get_assignments(pool_id=stand.unfinished().id))
    assert "EN" in stand.kit.get_user(page.user_id).languages
