"""Every kind of fault that there is."""

from simulator.answer_faults import ANSWERS
from simulator.faults import Kind
from simulator.notice_faults import NOTICES

KINDS: dict[str, Kind] = {**ANSWERS, **NOTICES}
"""By name; of the API's answers first, then of notifications."""
