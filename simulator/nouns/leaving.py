"""Who goes for good: after a refusal or a ban, as likely as his conduct says."""

from simulator.records.state import State


def consider(state: State, user_id: str, why: str, what: str) -> None:
    """Let somebody think about it; `why` is refusal or ban, `what` the id of the page or the restriction."""
    person = state.people[user_id]
    chance = person.performer.conduct.leaves_after.get(why, 0.0)
    if not person.gone and person.performer.draw("leaves for good", why, what) < chance:
        person.gone = True
        state.doings.cancel("look", user_id)
        state.record("PERFORMER_LEFT", user_id, why=why)
