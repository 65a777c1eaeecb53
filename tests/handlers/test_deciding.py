from decided import accept_all, decide, routed, submitted
from shop import small

from handlers import Accept, Context, Hold, Learn, Lesson, Reject
from handlers.deciding import Loader
from handlers.recording import record
from store.records import Page


def test_a_handler_sees_its_page_as_the_platform_shows_it_now(shop):
    tiny, seen = small(), []

    @tiny.work.on_submitted
    def look(ctx: Context):
        """Look."""
        seen.append(ctx)
        return []

    shop.set_up(tiny.pipeline, colour="red")
    shop.tasks("work", "a")
    shop.work()
    shop.sweep()
    (page,) = shop.pages()
    shop.gateway.client.accept_assignment(page, "by hand")
    decide(routed(shop))
    (ctx,) = seen
    assert (ctx.event.assignment_id, ctx.settings, ctx.pool) == (page, {"colour": "red"}, None)
    assert isinstance(ctx.assignment, Page)
    assert (ctx.assignment.status, ctx.assignment.answers[0].output) == ("ACCEPTED", {"answer": "yes"})
    assert ctx.subject is not None
    assert ctx.subject.page == ctx.assignment


def test_all_answers_of_a_batch_are_folded_before_the_first_handler(shop):
    tiny, seen = small(), []

    @tiny.checks.on_answered
    def count(ctx: Context):
        """Count the votes that this handler sees."""
        seen.append([len(subject.asked[0].votes) for subject in ctx.subjects])
        return []

    shop.set_up(tiny.pipeline)
    (task,) = shop.tasks("work", "a")
    shop.work()
    (page,) = shop.pages()
    shop.store.fold([shop.gateway.page(page)])
    submitted(shop, "ok?", role="checks", overlap=3, assignment_id=page, task_id=task.id)
    decide(shop)
    assert len(shop.pages("checks")) == 3
    assert seen == [[3]] * 6  # SUBMITTED and APPROVED of three votes, one batch


def test_handlers_are_called_by_event_time_whatever_arrived_first(shop):
    tiny, seen = small(), []

    @tiny.work.on_submitted
    def look(ctx: Context):
        """Look."""
        seen.append((ctx.event.event_time, ctx.event.assignment_id))
        return []

    shop.set_up(tiny.pipeline)
    shop.tasks("work", "a", "b", "c", "d")
    shop.work()
    pages = [shop.world.state.assignments[each] for each in shop.pages()]
    for page in sorted(pages, key=lambda each: each.submitted or 0.0, reverse=True):
        shop.tell("ASSIGNMENT_SUBMITTED", page.id, page.pool_id, page.submitted)
    decide(routed(shop))
    assert seen == sorted(seen)
    assert len(seen) == 4


def test_a_pool_is_shown_to_those_who_hear_of_pools(shop):
    tiny, seen = small(), {}

    @tiny.work.on_submitted
    def look(ctx: Context):
        """Look at the page."""
        seen["page"] = ctx.pool
        return []

    @tiny.work.on_closed
    def close(ctx: Context):
        """Look at the pool."""
        seen["pool"] = ctx.pool
        return []

    shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    decide(shop)
    assert seen["page"] is None
    assert (seen["pool"].status, seen["pool"].close_reason) == ("CLOSED", "COMPLETED")


def test_what_was_decided_is_not_decided_again(shop):
    tiny = small()
    tiny.work.on_submitted(accept_all)
    tiny.work.on_reviewed(accept_all)
    shop.set_up(tiny.pipeline)
    (page,) = submitted(shop, "a")
    decide(shop)
    shop.gateway.client.accept_assignment(page, "")
    shop.tell("ASSIGNMENT_APPROVED", page, shop.running.pool_ids["work"])
    decide(routed(shop))
    assert shop.states("accept") == {f"verdict:{page}": "planned"}
    assert shop.store.workload(shop.world.now).pending == 0


def test_a_contrary_verdict_is_kept_and_never_done(shop):
    tiny = small()
    tiny.work.on_submitted(accept_all)

    @tiny.work.on_submitted
    def refuse(ctx: Context):
        """Refuse everything."""
        yield Reject(ctx.assignment.assignment_id, "no")

    shop.set_up(tiny.pipeline)
    (page,) = submitted(shop, "a")
    decide(shop)
    assert shop.states("accept") == {f"verdict:{page}": "planned"}
    assert shop.states("reject") == {f"verdict:{page}": "superseded"}
    assert [each.kind for each in shop.store.due(shop.lane(), shop.world.now)] == ["accept"]


def test_a_subject_carries_its_question_its_votes_and_its_verdict(shop):
    tiny = small()

    @tiny.work.on_submitted
    def check(ctx: Context):
        """Have it checked."""
        for answer in ctx.assignment.answers:
            yield tiny.checks.ask(about=answer, author=ctx.assignment.user_id, overlap=2, question="ok?")

    shop.set_up(tiny.pipeline)
    (page,) = submitted(shop, "a")
    decide(shop)
    loader = Loader(shop.store, shop.registry)
    subject = loader.subjects([page])[page]
    (asked,) = subject.asked
    assert (asked.question.overlap, asked.question.task_id, asked.votes) == (2, None, ())
    assert not asked.complete
    assert not subject.decided
    lane = shop.lane("checks")
    assert shop.carrier().lane(lane, shop.world.now)
    shop.work()
    shop.store.fold([shop.gateway.page(each) for each in shop.pages("checks")])
    subject = loader.subjects([page])[page]
    assert (subject.asked[0].complete, subject.votes) == (True, 2)
    assert [vote.output for vote in subject.asked[0].votes] == [{"answer": "yes"}] * 2
    assert shop.world.state.assignments[page].user_id not in {vote.user_id for vote in subject.asked[0].votes}
    assert subject.verdict is None


def test_a_decided_subject_says_so(shop):
    tiny = small()
    tiny.work.on_submitted(accept_all)
    shop.set_up(tiny.pipeline)
    (page,) = submitted(shop, "a")
    decide(shop)
    subject = Loader(shop.store, shop.registry).subjects([page])[page]
    assert (subject.verdict.kind, subject.decided, subject.page.status) == ("accept", True, "SUBMITTED")


def test_lessons_are_learnt_with_the_decision_and_once(shop):
    tiny = small()

    @tiny.work.on_submitted
    @tiny.work.on_reviewed
    def teach(ctx: Context):
        """Learn about somebody, and hold."""
        yield Learn((Lesson("page:task:ann", "ann", 0.5, 0.5),))
        yield Hold(ctx.assignment.assignment_id, 1, "why not")

    shop.set_up(tiny.pipeline)
    (page,) = submitted(shop, "a")
    shop.tell("ASSIGNMENT_APPROVED", page, shop.running.pool_ids["work"])
    decide(routed(shop))
    assert shop.store.standings(["ann"])["ann"].known == 0.5
    assert shop.states("hold") == {f"hold:{page}:1": "planned"}


def test_those_who_watch_are_told_what_was_claimed_and_decided(shop):
    tiny = small()
    tiny.work.on_submitted(accept_all)
    shop.set_up(tiny.pipeline)
    (page,) = submitted(shop, "a")
    decide(shop)
    assert [(step.name, step.kinds, step.keys) for step in shop.steps] == [
        ("claimed", frozenset(), (f"ASSIGNMENT_SUBMITTED:{page}",)),
        ("decided", frozenset({"accept"}), (f"verdict:{page}",)),
    ]


def test_an_action_is_recorded_in_the_lane_of_its_event(shop):
    tiny = small()
    tiny.work.on_submitted(accept_all)
    running = shop.set_up(tiny.pipeline)
    submitted(shop, "a")
    decide(shop)
    (decision,) = shop.store.decisions()
    assert decision.lane == running.pool_ids["work"]
    assert (decision.handler, decision.pipeline, decision.run) == ("accept_all", "small", "test")
    assert record(Accept("x"), running, decision.lane, 0.0).lane == decision.lane
