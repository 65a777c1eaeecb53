"""The one requester of the simulated platform: whose everything is, and what is left on the account."""

from simulator import money
from simulator.draws import digest
from simulator.state import Json, State

ID = digest("requester")
COMPANY_ID = digest("company")
OWNER: Json = {"id": ID, "myself": True, "company_id": COMPANY_ID}
"""Whose projects, pools and whatever else is: always the one who asks."""


def view(state: State) -> Json:
    """The requester as the API shows it; of the balance, what is blocked for pages that wait for review is gone."""
    return {
        "id": ID,
        "balance": (state.balance - state.reserved) / money.UNIT,
        "public_name": {"EN": "Simulated requester"},
        "company": {"id": COMPANY_ID, "superintendent_id": ID},
    }
