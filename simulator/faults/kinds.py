"""Every kind of fault that there is."""

from simulator.faults.answer_faults import ANSWERS
from simulator.faults.notice_faults import NOTICES
from simulator.faults.plans import Kind

KINDS: dict[str, Kind] = {**ANSWERS, **NOTICES}
"""By name; of the API's answers first, then of notifications."""
