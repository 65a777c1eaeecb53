import io
import struct
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
import toloka.client as toloka
from simulated import VIEW, Bench, outlining_pool, serving, world
from toloka.client.exceptions import DoesNotExistApiError, ValidationApiError
from toloka.client.project.field_spec import ArrayFileSpec, FileSpec, UrlSpec
from toloka.client.project.task_spec import TaskSpec

from simulator.crowd.performers import Performer

AUTH = {"Authorization": "OAuth token"}


def handed_in(bench: Bench, count: int = 3, *, more: bool = False, **settings: Any) -> toloka.Pool:
    """A pool in which people hand in a photo, and maybe more, all of them done."""
    output = {"photo": FileSpec()} | ({"more": ArrayFileSpec(required=False)} if more else {})
    spec = TaskSpec(input_spec={"image": UrlSpec()}, output_spec=output, view_spec=VIEW)
    project = toloka.Project(public_name="Photos", public_description="Take a photo", task_spec=spec)
    made = bench.client.create_project(project)
    pool = bench.client.create_pool(outlining_pool(made.id, **settings))
    bench.fill(pool, count)
    bench.client.open_pool(pool.id)
    bench.run()
    return pool


def download(bench: Bench, identity: str) -> bytes:
    out = io.BytesIO()
    bench.client.download_attachment(identity, out)
    return out.getvalue()


def test_a_file_that_is_answered_is_an_attachment(bench):
    pool = handed_in(bench)
    pages = {page.id: page for page in bench.client.get_assignments(pool_id=pool.id)}
    found = list(bench.client.get_attachments(pool_id=pool.id))
    assert {each.id: each.details.assignment_id for each in found} == {
        page.solutions[0].output_values["photo"]: page.id for page in pages.values()
    }
    for each in found:
        page = pages[each.details.assignment_id]
        assert bench.client.get_attachment(each.id) == each
        assert (each.details.user_id, each.details.pool_id, each.created) == (page.user_id, pool.id, page.submitted)
        assert each.owner.myself is True


def test_by_default_it_is_a_small_picture_always_the_same(bench):
    one, other, _ = bench.client.get_attachments(pool_id=handed_in(bench).id)
    picture = download(bench, one.id)
    assert (one.name[-4:], one.media_type, picture[:8]) == (".png", "image/png", b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", picture[16:29])
    size = struct.unpack(">I", picture[33:37])[0]
    assert len(zlib.decompress(picture[41 : 41 + size])) == height * (1 + width * 3)
    assert (depth, colour, struct.unpack(">I", picture[29:33])[0]) == (8, 2, zlib.crc32(picture[12:29]))
    assert download(bench, one.id) == picture != download(bench, other.id)
    answer = httpx.get(f"{bench.url}/api/v1/attachments/{one.id}/download", headers=AUTH | {"Accept": "image/*"})
    assert (answer.headers["Content-Type"], answer.content) == ("image/png", picture)


def notes(task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
    told = {"name": "notes.txt", "content": b"All is well"}
    return {"photo": b"\0\1", "more": [told, told | {"name": "x", "media_type": "video/mp4"}, "me"]}


def test_an_answer_function_may_say_what_is_in_a_file():
    with serving(world(answers=notes)) as bench:
        pool = handed_in(bench, 1, more=True)
        (page,) = bench.client.get_assignments(pool_id=pool.id)
        values = page.solutions[0].output_values
        read = [bench.client.get_attachment(identity) for identity in (values["photo"], *values["more"])]
        assert [(each.name, each.media_type) for each in read] == [
            ("file", "application/octet-stream"),
            ("notes.txt", "text/plain"),
            ("x", "video/mp4"),
            ("me.png", "image/png"),
        ]
        assert [download(bench, each.id) for each in read[:3]] == [b"\0\1", b"All is well", b"All is well"]


def test_attachments_are_found_by_every_filter(bench):
    pool = handed_in(bench)
    first, second, third = sorted(bench.client.get_attachments(pool_id=pool.id), key=lambda each: each.created)
    client, owner = bench.client, bench.client.get_requester()
    for query, wanted in (
        ({"assignment_id": first.details.assignment_id}, {first.id}),
        ({"name": second.name}, {second.id}),
        ({"user_id": third.details.user_id, "name": third.name}, {third.id}),
        ({"created_gt": second.created}, {third.id}),
        ({"created_gte": second.created, "created_lt": third.created}, {second.id}),
        ({"created_lte": first.created - timedelta(seconds=1)}, set()),
        ({"type": "ASSIGNMENT_ATTACHMENT", "owner_id": owner.id}, {first.id, second.id, third.id}),
        ({"owner_company_id": "another"}, set()),
        ({"assignment_id": first.details.assignment_id, "user_id": "another"}, set()),
    ):
        assert {each.id for each in client.get_attachments(pool_id=pool.id, **query)} == wanted
    assert len(list(client.get_attachments(pool_id=pool.id, batch_size=1))) == 3
    found = client.find_attachments(assignment_id=first.details.assignment_id, sort=["-created", "id"])
    assert [each.id for each in found.items] == [first.id]


def test_an_attachment_that_is_not_there_and_a_list_of_everything_are_refused(bench):
    for ask in (bench.client.get_attachment, lambda identity: download(bench, identity)):
        with pytest.raises(DoesNotExistApiError):
            ask("404")
    for wrong in ({}, {"name": "x"}):
        with pytest.raises(ValidationApiError):
            bench.client.find_attachments(**wrong)
    with pytest.raises(DoesNotExistApiError):
        list(bench.client.get_attachments(pool_id="404"))
    assert httpx.get(f"{bench.url}/api/v1/attachments/404/download").status_code == 401


def test_the_same_world_has_the_same_files():
    histories, pictures = [], []
    for _ in range(2):
        with serving(world()) as bench:
            found = list(bench.client.get_attachments(pool_id=handed_in(bench).id))
            histories.append(bench.world.history())
            pictures.append({each.id: download(bench, each.id) for each in found})
    assert histories[0] == histories[1]
    assert pictures[0] == pictures[1]
