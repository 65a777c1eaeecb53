"""What happens because of events: pipelines that decide, and the dispatcher that carries their decisions out.

Authors of pipelines import all that they need from here; it is cheap, toloka-kit is not loaded by it.
"""

from handlers.actions import (
    Accept,
    Action,
    Aggregate,
    Appeal,
    Ask,
    Close,
    Hold,
    Learn,
    MoreVotes,
    Open,
    Publish,
    Recall,
    Reject,
)
from handlers.context import Asked, Context, GivenVote, Subject
from handlers.loading import postpone
from handlers.pipeline import Buffer, Estimate, Pipeline, Pool, WrongPipeline
from handlers.verdict import Outcome, Policy, TaskVotes, Vote, judge, learn
from store.records import Answer, Decision, Event, Lesson, Page, PoolState, Question, Standing

__all__ = [
    "Accept",
    "Action",
    "Aggregate",
    "Answer",
    "Appeal",
    "Ask",
    "Asked",
    "Buffer",
    "Close",
    "Context",
    "Decision",
    "Estimate",
    "Event",
    "GivenVote",
    "Hold",
    "Learn",
    "Lesson",
    "MoreVotes",
    "Open",
    "Outcome",
    "Page",
    "Pipeline",
    "Policy",
    "Pool",
    "PoolState",
    "Publish",
    "Question",
    "Recall",
    "Reject",
    "Standing",
    "Subject",
    "TaskVotes",
    "Vote",
    "WrongPipeline",
    "judge",
    "learn",
]

postpone()
