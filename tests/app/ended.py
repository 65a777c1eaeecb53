"""Images that ended in every way there is, for the tests of what is written about them."""

from app.boxes import Box
from app.results import CountedVote, ImageResult, RefusedOutline

BOX = Box(0.25, 0.5, 0.5, 0.25)
VOTES = (CountedVote("v1", True, "", 1.38629), CountedVote("v2", False, "loose", 0.0))
SIZE = (640, 480)

TWO_BOXES = ImageResult(
    "b.jpg",
    "accepted",
    (BOX, Box(0.9, 0.9, 0.3, 0.3)),
    *SIZE,
    1,
    "p1",
    "a1",
    task_id="t1",
    verified=True,
    outline=(BOX, Box(0.9, 0.9, 0.3, 0.3)),
    votes=VOTES,
    verdict="accept",
    verdict_reason="task 1: 1 OK, 1 BAD",
    cost=0.0123,
    events=(1, 7, 12),
)
NOTHING = ImageResult("a.jpg", "accepted", (), *SIZE, 2, "p2", "a2")
HELD = ImageResult("c.jpg", "held", (), *SIZE, 1, "p3", "a3", "undecided after 7 votes", outline=(BOX,))
UNRESOLVED = ImageResult("d.jpg", "unresolved", (), *SIZE, 5, None, None, "not right after 5 rounds")
FAR = ImageResult("https://example.org/e.jpg", "accepted", (BOX,), None, None, 1, "p1", "a4", outline=(BOX,))
RESULTS = [TWO_BOXES, NOTHING, HELD, UNRESOLVED, FAR]

REFUSED = RefusedOutline("b.jpg", (BOX,), *SIZE, 1, "p9", "a9", 1, 1, VOTES, "Picture 1: a box is not tight.")
