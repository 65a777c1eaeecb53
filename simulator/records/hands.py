"""The other hands: what a person at the requester's site will do while a program runs, scripted beforehand."""

from dataclasses import dataclass

from store.errors import CrowdhookError

OPERATOR = "operator"
"""Who did it, in the world's history."""
KINDS = (
    "accept",
    "reject",
    "close",
    "close-for-update",
    "open",
    "archive",
    "expire",
    "stop-task",
    "set-price",
    "money",
    "delete-user-skill",
    "edit-project",
)


class UnknownAct(CrowdhookError):
    """A person at the site can do no such thing; known are accept, reject, close, open, archive, expire and others."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person does on the site, `at` so many platform seconds after the world's start.

    `what` is one of KINDS and says what `pick`, `nth`, `amount` and `text` mean:

    * accept, reject: the `nth` SUBMITTED page of the pool, oldest first by (submitted, id); `text` is the comment.
    * close, close-for-update, open, archive: the pool. expire: its last day is set to now: it closes as EXPIRED.
    * stop-task: of the pool's tasks that can still be issued the `nth` by (created, id); its overlap becomes 0, or as
      many as have it already. set-price: the pool's pages cost `amount` dollars from now on.
    * money: `amount` dollars are paid in, or taken out when negative (at most what is available; -inf takes all).
    * delete-user-skill: of those who have the skill the `nth` by (created, user id) loses it.
    * edit-project: the project's public_instructions become `text`.

    `pick` is an id, or a name: a pool's private_name, a skill's name, a project's public_name; of several the first
    created. `nth` counts from 1. Raises UnknownAct.
    """

    at: float
    what: str
    pick: str = ""
    nth: int = 1
    amount: float = 0.0
    text: str = ""

    def __post_init__(self) -> None:
        if self.what not in KINDS:
            raise UnknownAct(f"{self.what!r} is none of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Hands:
    """A person's whole script; an act that cannot be done yet is kept and tried again whenever anything happened."""

    acts: tuple[Act, ...] = ()
