"""Threads of messages between the requester and performers, who may reply."""

from simulator.account import quotas
from simulator.account.requester import ID
from simulator.elements.clock import exact, iso
from simulator.elements.draws import waiting
from simulator.elements.errors import missing
from simulator.nouns.message_forms import check_composed, check_folders, check_reply
from simulator.offering import filters
from simulator.records.dealings import Message, Thread
from simulator.records.state import Json, State

REPLYING = 3600.0
"""Mean seconds until somebody replies who does."""
REPLIES = ("Thank you!", "When does this work go on?", "I think that my answer was right.")
Spoken = dict[str, str]
"""A text by language."""


def compose(state: State, body: Json) -> Thread:
    """Send a message to some performers, to those who pass a filter, or to all who ever worked for the requester."""
    check_composed(state, body)
    quotas.count(state, "message to everyone" if body["recipients_select_type"] == "ALL" else "message")
    sent = {"answerable": True} | {name: value for name, value in body.items() if value is not None}
    told = {name: value for name, value in sent.items() if name not in ("text", "answerable")}
    thread = _begin(state, sent, {})
    state.record("MESSAGE", thread.id, text=sent["text"], **told)
    _await_replies(state, thread)
    return thread


def tell(state: State, user_id: str, topic: Spoken, text: Spoken, meta: dict[str, str]) -> None:
    """Send a performer a message that comes with something else and is not to be answered."""
    told = {"topic": topic, "text": text, "recipients_select_type": "DIRECT", "recipients_ids": [user_id]}
    _begin(state, told | {"answerable": False}, meta)


def _begin(state: State, body: Json, meta: dict[str, str]) -> Thread:
    direct = body["recipients_select_type"] == "DIRECT"
    user_ids = tuple(sorted(set(body["recipients_ids"]))) if direct else None
    messages = [Message(body["text"], None, state.now)]
    identity = state.identify("thread", "", body)
    thread = state.threads[identity] = Thread(identity, body, state.now, user_ids, messages, {"OUTBOX"}, meta)
    return thread


def reply(state: State, thread: Thread, body: Json) -> Thread:
    """Send another message to those in a thread, which has then been read."""
    check_reply(body)
    quotas.count(state, "message")
    thread.messages.append(Message(body["text"], None, state.now))
    thread.folders = (thread.folders | {"OUTBOX"}) - {"UNREAD"}
    state.record("MESSAGE", thread.id, text=body["text"])
    _await_replies(state, thread)
    return thread


def _await_replies(state: State, thread: Thread) -> None:
    if not thread.body["answerable"]:
        return
    for user_id in _recipients(state, thread):
        me, which = state.people[user_id].performer, (thread.id, len(thread.messages))
        if me.draw("replies", *which) < me.conduct.replies:
            moment = exact(state.now + waiting(REPLYING, me.draw("replies after", *which)))
            state.doings.put(moment, "reply", f"{thread.id}/{user_id}")


def _recipients(state: State, thread: Thread) -> list[str]:
    if thread.user_ids is not None:
        return list(thread.user_ids)
    wanted = thread.body.get("recipients_filter")
    people = ((user_id, person) for user_id, person in sorted(state.people.items()))
    return [key for key, each in people if (filters.passes(state, wanted, each) if wanted else each.assignment_ids)]


def answer(state: State, identity: str) -> None:
    """A performer replies: in the thread when he is alone in it, else in a new one of his own."""
    thread_id, user_id = identity.split("/")
    thread = _own(state, state.threads[thread_id], user_id)
    draw = state.people[user_id].performer.draw("says", thread.id, len(thread.messages))
    text = {"EN": REPLIES[int(draw * len(REPLIES))]}
    thread.messages.append(Message(text, user_id, state.now))
    thread.folders |= {"INBOX", "UNREAD"}
    of = {"parent_id": thread.parent_id} if thread.parent_id else {}
    state.record("MESSAGE", thread.id, text=text, user_id=user_id, **of)


def _own(state: State, thread: Thread, user_id: str) -> Thread:
    if thread.user_ids == (user_id,):
        return thread
    identity = state.identify("thread", "", [thread.id, user_id])
    said, parent = list(thread.messages), thread.id
    new = Thread(identity, thread.body, thread.created, (user_id,), said, set(), thread.meta, parent)
    state.threads[identity] = new
    return new


def put_into(thread: Thread, body: Json) -> Thread:
    """Put a thread into folders: UNREAD and IMPORTANT mark it as such."""
    check_folders(body)
    thread.folders |= set(body["folders"])
    return thread


def take_out(thread: Thread, body: Json) -> Thread:
    """Take a thread out of folders; it may be in none of them."""
    check_folders(body)
    thread.folders -= set(body["folders"])
    return thread


def get(state: State, identity: str) -> Thread:
    """The thread with this id, or DOES_NOT_EXIST."""
    if identity not in state.threads:
        raise missing("message thread", identity)
    return state.threads[identity]


def view(thread: Thread) -> Json:
    """A thread as the API shows it, the newest message first; who is in it only where they were named."""
    shown: Json = {
        "id": thread.id,
        "topic": thread.body["topic"],
        "interlocutors_inlined": thread.user_ids is not None,
        "messages_inlined": True,
        "messages": [_message(each) for each in reversed(thread.messages)],
        "compose_details": {name: value for name, value in thread.body.items() if name.startswith("recipients_")},
        "meta": thread.meta,
        "folders": sorted(thread.folders),
        "answerable": thread.body["answerable"],
        "created": iso(thread.created),
    }
    if thread.user_ids is not None:
        shown["interlocutors"] = [_interlocutor(each) for each in sorted([ID, *thread.user_ids])]
    return shown | ({"parent_id": thread.parent_id} if thread.parent_id else {})


def _message(message: Message) -> Json:
    return {"text": message.text, "from": _interlocutor(message.user_id or ID), "created": iso(message.created)}


def _interlocutor(identity: str) -> Json:
    role = {"role": "REQUESTER", "myself": True} if identity == ID else {"role": "USER", "myself": False}
    return {"id": identity} | role
