"""What a rehearsal came to: numbers from the ledger, the folded answers, the simulator and the courier."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, quantiles
from typing import Any

from app.boxes import Box, from_shapes, right
from app.outcomes import image_results
from app.quality import (
    TIGHT_AT,
    ImageQuality,
    JudgedOutline,
    JudgedPage,
    OutlineTally,
    PageTally,
    Share,
    image_quality,
    tally_outlines,
    tally_pages,
)
from app.rehearsal import START, Stage
from app.results import ImageResult, ImageStatus
from handlers.controls import PREFIX
from handlers.record import KINDS, LENGTH, Record
from handlers.segmentation_pools import QUESTIONS_A_PAGE
from handlers.verifiers import below_bar
from simulator.records.hands import OPERATOR
from store.records import Answer, Decision, DecisionState, Page

VERDICTS = {"ASSIGNMENT_APPROVED": "accept", "ASSIGNMENT_REJECTED": "reject"}
OURS = {"accept": "accept", "reject": "reject", "appeal": "accept"}  # our decision -> the verdict that it brings
ENDS = (["accept"], ["reject"], ["reject", "accept"])  # a page's verdicts, in order: an appeal turns a refusal
Truths = Mapping[str, tuple[Box, ...] | None]


def summarize(stage: Stage, results: Sequence[ImageResult], truths: Truths, seconds: float) -> dict[str, Any]:
    """Return summary.json's content; docs/simulator.md says what each field means."""
    decisions = stage.store.decisions()
    return {
        "pipeline": stage.plan.pipeline,
        "seed": stage.plan.crowd.seed,
        "images": _images(results),
        "rounds": {str(rounds): count for rounds, count in sorted(Counter(each.rounds for each in results).items())},
        "decisions": _decisions(decisions),
        "money": stage.money(),
        "platform_hours": round((stage.world.now - START) / 3600, 2),
        "machine_seconds": round(seconds, 1),
        "ticks": stage.driver.ticks,
        "requests": dict(sorted(stage.simulator.requests.items())),
        "verification": _verification(stage, decisions),
        "reaction_seconds": _reaction(stage, decisions),
        "notifications": _notifications(stage),
        "faults": dict(sorted(stage.simulator.strikes.counts.items())),
        "quality": quality(measure(stage, results, truths)),
        "refusals": _refusals(stage),
        "parked": stage.store.workload(stage.world.now).parked,
        "one_verdict_each": _one_verdict_each(stage, decisions),
        "next_automatic_acceptance": _next_acceptance(stage),
    }


@dataclass(frozen=True, slots=True)
class Measures:
    """Results, outlines and pages against the truth, as counts that can be added up over runs."""

    images: ImageQuality
    outlines: OutlineTally
    pages: PageTally

    def __add__(self, other: "Measures") -> "Measures":
        return Measures(self.images + other.images, self.outlines + other.outlines, self.pages + other.pages)


def measure(stage: Stage, results: Sequence[ImageResult], truths: Truths) -> Measures:
    """Compare results and pay with the truth; what nobody knows the truth of is left out."""
    by_person, held = _people(stage.store.decisions())
    policy = stage.running.settings.policy
    outlines, pages = [], []
    for page in stage.store.pages_of(stage.running.pool_ids["outlining"]):
        judged = [each for answer in page.answers if (each := _judged(page, answer, truths)) is not None]
        outlines += judged
        if judged and len(judged) == len(page.answers):
            good = sum(right(each.boxes, each.truth, TIGHT_AT) for each in judged) >= policy.need(len(judged))
            needed = page.assignment_id in by_person
            pages.append(JudgedPage(good, page.status, needed, page.assignment_id in held))
    return Measures(image_quality(results, truths), tally_outlines(outlines), tally_pages(pages))


def _judged(page: Page, answer: Answer, truths: Truths) -> JudgedOutline | None:
    truth = truths.get(str(answer.input["item"]))
    if answer.output is None or truth is None:
        return None
    return JudgedOutline(tuple(from_shapes(answer.output.get("result") or [])), truth, page.status)


def _people(decisions: Sequence[Decision]) -> tuple[set[str | None], set[str | None]]:
    """Return the pages that a person decided, and those that were held for one."""
    return (
        {each.assignment_id for each in decisions if "by" in each.payload},
        {each.assignment_id for each in decisions if each.kind == "hold"},
    )


def quality(measures: Measures) -> dict[str, Any]:
    """Return the measures as shares with their counts and 95 % intervals."""
    images, outlines, pages = measures.images, measures.outlines, measures.pages
    return {
        "images_right": share(images.images),
        "mean_iou": None if images.mean_iou is None else round(images.mean_iou, 4),
        "wrong_outlines_paid": share(outlines.wrong_paid),
        "right_outlines_refused": share(outlines.right_refused),
        "good_pages_refused": share(pages.good_refused),
        "bad_pages_paid": share(pages.bad_paid),
        "pages_held": share(pages.held),
        "refused_without_a_person": pages.refused,
    }


def _refusals(stage: Stage) -> dict[str, Any]:
    """Say how the rule's refusals stand at the end: gate, breaker, verifiers who are not believed."""
    running = stage.running
    verifiers = stage.store.verifiers(running.pool_ids["checking"])
    decisions = stage.store.recent(running.pipeline.name, running.run, KINDS, LENGTH)
    record = Record.of(decisions, verifiers)
    return {
        "gate": record.gate(running.settings.refuse, running.settings.tasks_per_page),
        "breaker_tripped": record.tripped,
        "bad_paid": record.bad_paid,
        "verifiers_below_bar": [each.user_id for each in verifiers if below_bar(each)],
    }


def share(measured: Share) -> dict[str, Any]:
    """Return a share as JSON: its value, what it counts, and its 95 % interval."""
    low, high = measured.interval
    value = None if measured.value is None else round(measured.value, 5)
    return {"value": value, "count": measured.count, "of": measured.total, "low": round(low, 5), "high": round(high, 5)}


def results_of(stage: Stage, sizes: Mapping[str, tuple[int | None, int | None]]) -> list[ImageResult]:
    """Return how every image of the rehearsal ended."""
    return image_results(stage.store, stage.running, sizes)


def _images(results: Sequence[ImageResult]) -> dict[str, int]:
    counted = Counter(str(each.status) for each in results)
    return {"total": len(results), **{str(status): counted[status] for status in ImageStatus}}


def _next_acceptance(stage: Stage) -> float | None:
    """When the platform pays the first of the held pages by itself, in platform seconds; None: nothing is held."""
    pages = stage.store.pages_of(stage.running.pool_ids["outlining"], "SUBMITTED")
    review = stage.running.settings.review_days * 86400.0
    return min((page.submitted + review for page in pages if page.submitted is not None), default=None)


def _decisions(decisions: Sequence[Decision]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for decision in decisions:
        counted.setdefault(decision.kind, Counter())[str(decision.state)] += 1
    return {kind: dict(states) for kind, states in sorted(counted.items())}


def _verification(stage: Stage, decisions: Sequence[Decision]) -> dict[str, float]:
    asked = [each for each in decisions if each.kind == "ask" and each.state is DecisionState.DONE]
    questions = sum(each.assignment_id is not None and "truth" not in each.payload for each in asked)
    answered = ("SUBMITTED", "ACCEPTED")
    pages = [page for page in stage.store.pages_of(stage.running.pool_ids["checking"]) if page.status in answered]
    answers = [answer for page in pages for answer in page.answers]
    votes = sum(not (answer.subject_assignment_id or "").startswith(PREFIX) for answer in answers)
    return {
        "questions": questions,
        "votes": votes,
        "votes_per_question": round(votes / questions, 3) if questions else 0.0,
        "control_questions": sum("truth" in each.payload for each in asked),
        "control_answers": len(answers) - votes,
        "pages": len(pages),
        "page_fill": round(len(answers) / (len(pages) * QUESTIONS_A_PAGE), 3) if pages else 0.0,
    }


def _reaction(stage: Stage, decisions: Sequence[Decision]) -> dict[str, dict[str, float]]:
    """From a notification sent to its decision recorded, and to it carried out (what waits in a buffer apart)."""
    sent = {seq: stage.courier.sent_at[uuid] for seq, uuid in stage.store.uuids() if uuid in stage.courier.sent_at}
    caused = [(d, sent[d.event_seq]) for d in decisions if d.event_seq in sent]
    recorded = [d.decided_at_machine - at for d, at in caused]
    carried = [d.settled_at_machine - at for d, at in caused if d.settled_at_machine and d.buffer is None]
    return {"recorded": _spread(recorded), "carried_out": _spread(carried)}


def _spread(values: Sequence[float]) -> dict[str, float]:
    if len(values) < 2:
        return {"n": len(values)}
    cuts = quantiles(values, n=100)
    return {"n": len(values), "mean": round(fmean(values), 4), "p50": round(cuts[49], 4), "p99": round(cuts[98], 4)}


def _notifications(stage: Stage) -> dict[str, int]:
    return asdict(stage.courier.total)


def _one_verdict_each(stage: Stage, decisions: Sequence[Decision]) -> bool:
    """Say whether ledger and world agree: one verdict a page (or a refusal and its appeal), ours or a person's."""
    ours: dict[str | None, list[str]] = {}
    for decision in decisions:
        if decision.kind in OURS and decision.state is DecisionState.DONE:
            ours.setdefault(decision.assignment_id, []).append(OURS[decision.kind])
    pool_id = stage.running.pool_ids["outlining"]
    theirs: dict[str | None, list[tuple[str, bool]]] = {}
    for line in stage.world.history():
        if line["kind"] in VERDICTS and line["pool_id"] == pool_id:
            theirs.setdefault(line["id"], []).append((VERDICTS[line["kind"]], line.get("by") == OPERATOR))
    return all(_agree(ours.get(page, []), theirs.get(page, [])) for page in ours.keys() | theirs.keys())


def _agree(ours: Sequence[str], theirs: Sequence[tuple[str, bool]]) -> bool:
    """Compare a page's verdicts with what the world shows of it: (verdict, whether a hand on the site gave it).

    Ours are those that the site did not give, or all: what somebody did there before us, as we wanted it, is done too.
    """
    shown = [verdict for verdict, _ in theirs]
    not_by_hand = [verdict for verdict, by_hand in theirs if not by_hand]
    return shown in ENDS and list(ours) in (not_by_hand, shown)
