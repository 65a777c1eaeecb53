"""What handlers of a batch know: what was decided before, the truth of control questions, what a person said."""

from decided import decide, routed, submitted
from shop import small

from handlers import Accept, Context, Event, Hold, Learn, Lesson, Page, Recall, Reject
from handlers.controls import Control


def late(page: str) -> Reject:
    return Reject(page, "no", late=9e9)


def test_each_handler_of_a_batch_knows_what_those_before_it_decided(shop):
    tiny, seen = small(), []

    @tiny.work.on_submitted
    def refuse(ctx: Context):
        """Refuse everything, late."""
        seen.append(len(ctx.record.unsent))
        yield late(ctx.assignment.assignment_id)

    shop.set_up(tiny.pipeline)
    submitted(shop, *"abcd")
    decide(shop)
    assert seen == [0, 1, 2, 3]
    submitted(shop, "e")
    decide(shop)
    assert seen[4] == 4  # the same, from the ledger


def test_what_a_batch_said_twice_counts_once(shop):
    tiny, seen = small(), []

    @tiny.work.on_submitted
    def hold(ctx: Context):
        """Propose to refuse."""
        yield Hold(ctx.assignment.assignment_id, 1, "wrong", "no")

    @tiny.work.on_submitted
    def hold_again(ctx: Context):
        """Say the same."""
        yield from hold(ctx)

    @tiny.work.on_submitted
    def refuse(ctx: Context):
        """Look at what was said before."""
        seen.append(len(ctx.record.pages))
        return []

    shop.set_up(tiny.pipeline)
    submitted(shop, *"abc")
    decide(shop)
    assert seen == [1, 2, 3]
    assert len(shop.store.decisions(kind="hold")) == 3


def test_a_refusal_can_be_recalled_by_the_batch_that_decided_it_and_the_page_be_paid(shop):
    tiny = small()

    @tiny.work.on_submitted
    def refuse(ctx: Context):
        """Refuse."""
        yield late(ctx.assignment.assignment_id)

    @tiny.work.on_submitted
    def think_again(ctx: Context):
        """Take it back, and pay."""
        for page in ctx.record.unsent:
            yield Recall(page, "on second thoughts")
            yield Accept(page)

    shop.set_up(tiny.pipeline)
    (page,) = submitted(shop, "a")
    decide(shop)
    assert shop.states("reject") == {f"verdict:{page}": "recalled"}
    assert shop.states("accept") == {f"verdict:{page}": "planned"}


def test_a_handler_knows_the_truth_of_control_questions_which_are_about_no_page(shop):
    tiny, seen = small(), []
    controls = [Control(f"control:{at}", f"truth-{at}", "a.png", (), at == 1) for at in range(3)]

    @tiny.work.on_submitted
    def ask(ctx: Context):
        """Ask three control questions, and one about the page."""
        for control in controls:
            yield tiny.checks.ask(control=control, question="right?")
        for answer in ctx.assignment.answers:
            yield tiny.checks.ask(about=answer, author=ctx.assignment.user_id, question="right?")

    @tiny.checks.on_submitted
    def look(ctx: Context):
        """Look at what is known."""
        (about,) = (each.subject_task_id for each in ctx.assignment.answers)
        seen.append((about, ctx.truths.get(about), len(ctx.subjects)))
        return []

    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    decide(shop)
    shop.carrier().lane(shop.lane("checks"), shop.world.now)
    shop.work()
    shop.sweep()
    decide(routed(shop))
    (page,) = shop.pages()
    of_work = next(iter(shop.store.pages([page]).values())).answers[0].task_id
    assert sorted(seen) == sorted(
        [("truth-0", False, 0), ("truth-1", True, 0), ("truth-2", False, 0), (of_work, None, 1)]
    )


def test_a_verifier_who_worked_in_both_pools_is_counted_once(shop):
    tiny, seen = small(), []

    @tiny.work.on_submitted
    @tiny.checks.on_submitted
    def look(ctx: Context):
        """Look at the record."""
        seen.append([each.good for each in ctx.record.standings])
        yield Learn((Lesson(f"control:{ctx.event.pool_id}", "ann", 1.0, 1.0, True),))

    shop.set_up(tiny.pipeline)
    pages = [
        Page(role, shop.running.pool_ids[role], "ann", "ACCEPTED", 0.01, 1.0, 2.0, 3.0, ())
        for role in ("work", "checks")
    ]
    shop.store.fold(pages)
    for page in pages:
        shop.tell("ASSIGNMENT_SUBMITTED", page.assignment_id, page.pool_id)
        decide(routed(shop))
    assert seen == [[], [1]]


def test_what_a_person_decided_comes_with_the_page_as_it_stands(shop):
    tiny, seen = small(), []

    @tiny.work.on_person
    def obey(ctx: Context):
        """Do as told."""
        seen.append((ctx.payload["act"], ctx.assignment.status, ctx.subject.page.assignment_id))
        yield Accept(ctx.assignment.assignment_id, by=ctx.payload["who"])

    shop.set_up(tiny.pipeline)
    shop.tasks("work", "a")
    shop.work()
    (page,) = shop.pages()
    payload = {"type": "PERSON_DECIDED", "act": "accept", "who": "eve"}
    pool_id = shop.running.pool_ids["work"]
    said = Event("said", "PERSON_DECIDED", pool_id, shop.world.now, None, page, source="crowdhook", payload=payload)
    shop.store.append([(b"{}", [said])])
    decide(routed(shop))
    assert seen == [("accept", "SUBMITTED", page)]
    assert shop.store.decision(f"verdict:{page}").payload == {"by": "eve", "anew": []}
