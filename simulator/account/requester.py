"""The one requester of the simulated platform: whose everything is, and what is left on the account."""

from simulator.account import money
from simulator.elements.draws import digest
from simulator.records.state import Json, State

ID = digest("requester")
COMPANY_ID = digest("company")
OWNER: Json = {"id": ID, "myself": True, "company_id": COMPANY_ID}
"""Whose projects, pools and whatever else is: always the one who asks."""


def balance(state: State) -> float:
    """Dollars on the account, without those that are blocked for pages which wait for review."""
    return (state.balance - state.reserved) / money.UNIT


def view(state: State) -> Json:
    """The requester as the API shows it."""
    return {
        "id": ID,
        "balance": balance(state),
        "public_name": {"EN": "Simulated requester"},
        "company": {"id": COMPANY_ID, "superintendent_id": ID},
    }
