"""Attachments: files that performers hand in as answers. An output value of type file is the id of one."""

import mimetypes
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from simulator.account.requester import OWNER
from simulator.elements.clock import iso
from simulator.elements.draws import digest
from simulator.elements.errors import missing
from simulator.records.dealings import Attachment
from simulator.records.state import Assignment, Json, State

FILES = ("file", "array_file")
SIDE = 16
UNKNOWN = "application/octet-stream"
TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


def hand_in(state: State, page: Assignment, task_id: str, values: Json, spec: Mapping[str, Any]) -> Json:
    """An answer to a task of the page whose files are handed in: each is replaced by the id of its attachment.

    A file is a text (the name of a picture, which is drawn), bytes, or {"content": bytes, "name": text, "media_type":
    text}, of which the last two may be missing. What is none of these stays as it is.
    """
    files = [name for name, field in spec.items() if field["type"] in FILES]
    said = [name for name in files if values.get(name) is not None]
    return values | {name: _each(state, page, f"{task_id}/{name}", values[name]) for name in said} if said else values


def _each(state: State, page: Assignment, place: str, said: Any) -> Any:
    if isinstance(said, list):
        return [_each(state, page, f"{place}/{number}", each) for number, each in enumerate(said)]
    read = _read(said)
    if read is None:
        return said
    text = digest("attachment", page.id, place)
    identity = f"{int(state.now):08x}-{text[:4]}-{text[4:8]}-{text[8:12]}-{text[12:24]}"
    state.attachments[identity] = Attachment(identity, *read, page.id, page.user_id, page.pool_id, state.now)
    page.attachment_ids += (identity,)
    return identity


def _read(said: Any) -> tuple[str, str, bytes | None] | None:
    """Name, media type and content (None: drawn) of a file as it was answered; None for what is no file."""
    if isinstance(said, str):
        return said if said.endswith(".png") else f"{said}.png", "image/png", None
    told = {"content": said} if isinstance(said, bytes) else said
    if not isinstance(told, Mapping) or not isinstance(told.get("content"), bytes):
        return None
    name = str(told.get("name", "file"))
    media_type = str(told.get("media_type") or mimetypes.guess_type(name)[0] or UNKNOWN)
    return (name, media_type, told["content"]) if TYPE.fullmatch(media_type) else None


def get(state: State, identity: str) -> Attachment:
    """The attachment with this id, or DOES_NOT_EXIST."""
    if identity not in state.attachments:
        raise missing("attachment", identity)
    return state.attachments[identity]


def content(attachment: Attachment) -> bytes:
    """What is in the file; a drawn picture is drawn anew, always the same."""
    return _picture(attachment.id) if attachment.content is None else attachment.content


def _picture(what: str) -> bytes:
    """A small PNG in two colours that depends on a text alone."""
    drawn = bytes.fromhex(digest("picture", what, length=64))
    colours, bits = (drawn[:3], drawn[3:6]), int(digest("points", what, length=SIDE * SIDE // 4), 16)
    points = [colours[bits >> number & 1] for number in range(SIDE * SIDE)]
    rows = (b"\0" + b"".join(points[start : start + SIDE]) for start in range(0, len(points), SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def view(attachment: Attachment) -> Json:
    """An attachment as the API shows it, without what is in it."""
    return {
        "id": attachment.id,
        "attachment_type": "ASSIGNMENT_ATTACHMENT",
        "name": attachment.name,
        "media_type": attachment.media_type,
        "details": {
            "user_id": attachment.user_id,
            "assignment_id": attachment.assignment_id,
            "pool_id": attachment.pool_id,
        },
        "owner": OWNER,
        "created": iso(attachment.created),
    }
