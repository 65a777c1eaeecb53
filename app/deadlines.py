"""Review periods that run out: a page that nobody decides is paid by the platform, and that is said aloud before."""

from app.acts import date, own_event
from app.verdicts import verdict_on
from handlers.routing import Running
from store.contract import Store
from store.records import Page

HALF_OVER = "REVIEW_HALF_OVER"
NEARLY_OVER = "REVIEW_NEARLY_OVER"
SHARES = {NEARLY_OVER: 0.8, HALF_OVER: 0.5}  # of the review period, the later one first
DAY = 86400.0


def deadline(page: Page, running: Running) -> float:
    """Return the platform time at which the platform accepts a submitted page by itself."""
    return _submitted(page) + DAY * float(running.settings.review_days)


def announce(store: Store, running: Running, now: float) -> int:
    """Write an event for each undecided page of whose review period 50 % or 80 % is over; return how many are new.

    Each is told once. Its time is when the share was over, so it does not matter when somebody looks.
    """
    told = [
        own_event(running, kind, page.assignment_id, at, f"{kind}:{page.assignment_id}", _payload(page, running))
        for page in store.pages_of(running.pool_ids["outlining"], "SUBMITTED")
        for kind, at in _over(page, running, now)
        if verdict_on(store, page.assignment_id) is None
    ]
    return sum(new for [new] in store.append(told)) if told else 0


def _over(page: Page, running: Running, now: float) -> list[tuple[str, float]]:
    """Return the latest of the two that applies, if any, and since when."""
    period = deadline(page, running) - _submitted(page)
    times = ((kind, _submitted(page) + share * period) for kind, share in SHARES.items())
    return [(kind, at) for kind, at in times if at <= now][:1]


def _payload(page: Page, running: Running) -> dict[str, object]:
    at = deadline(page, running)
    return {"platform_pays_at": at, "text": f"Nobody decided it yet; the platform pays it on {date(at)}."}


def _submitted(page: Page) -> float:
    return page.created if page.submitted is None else page.submitted
