"""Who is banned: performers whom Toloka keeps from a pool, its project, or everything of ours."""

from typing import Any

from handlers.gateway import Gateway

AT_ONCE = 500  # restrictions a request, the most that Toloka gives


def banned(gateway: Gateway, pool_id: str, now: float) -> set[str]:
    """Return the ids of users who may not do a pool's tasks at platform time `now`. Raises TolokaTrouble."""
    project_id = gateway.read(gateway.client.get_pool, pool_id).project_id
    restrictions = gateway.read(lambda: list(gateway.client.get_user_restrictions(batch_size=AT_ONCE)))
    return {each.user_id for each in restrictions if _binds(each, pool_id, project_id) and not _over(each, now)}


def _binds(restriction: Any, pool_id: str, project_id: str) -> bool:
    match restriction.scope.value:
        case "POOL":
            return bool(restriction.pool_id == pool_id)
        case "PROJECT":
            return bool(restriction.project_id == project_id)
        case _:
            return True


def _over(restriction: Any, now: float) -> bool:
    return bool(restriction.will_expire and restriction.will_expire.timestamp() <= now)
