"""Who came to each stage of a rehearsed classification, how the exam went, and who was banned for what."""

from collections import Counter
from typing import Any

from app.rehearsal import Stage

HANDED_IN = {"SUBMITTED", "ACCEPTED"}


def people(at: Stage) -> dict[str, int]:
    """Count who handed a page in, by the pool's role, and who was banned."""
    came = {role: len(_pages(at, role)) for role in at.running.pool_ids}
    return {**came, "banned": len({each.user_id for each in at.world.state.restrictions.values()})}


def examined(at: Stage) -> dict[str, Any]:
    """Count who passed the exam and who failed, and how many had which share of it right, in percent."""
    skill_id = next(
        each.object_id
        for each in at.store.bindings(at.running.pipeline.name, at.running.run)
        if each.role == "skill:exam"
    )
    skills = at.world.state.user_skills.values()
    shares = sorted(each.value for each in skills if each.skill_id == skill_id)
    passed = sum(each >= at.running.settings.pass_exam for each in shares)
    right = Counter(f"{each:.0f}" for each in shares)
    return {"passed": passed, "failed": len(shares) - passed, "right": dict(right)}


def bans(at: Stage) -> list[dict[str, Any]]:
    """Name who was banned, oldest first: in which pool, why, and how many pages he was paid for until then."""
    roles = {pool_id: role for role, pool_id in at.running.pool_ids.items()}
    paid = _pages(at, "main")
    return [
        {
            "performer": each.user_id,
            "pool": roles.get(str(each.rule).partition("/")[0], ""),
            "why": each.comment or "",
            "paid_pages": paid[each.user_id],
        }
        for each in sorted(at.world.state.restrictions.values(), key=lambda each: (each.created, each.user_id))
    ]


def _pages(at: Stage, role: str) -> Counter[str]:
    """Count the pages that each performer handed in."""
    state = at.world.state
    pages = (state.assignments[each] for each in state.pools[at.running.pool_ids[role]].assignment_ids)
    return Counter(each.user_id for each in pages if each.status in HANDED_IN)
