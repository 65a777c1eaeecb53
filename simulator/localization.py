"""What is said in several languages, as projects and tasks bring it along."""

import re
from typing import Any

from simulator.errors import Flaw, flaw
from simulator.shapes import fields, listed, one_of, text


def language(value: Any, path: str) -> dict[str, Flaw]:
    """A language's code, as EN or PT-BR."""
    fits = isinstance(value, str) and re.fullmatch(r"[A-Z]{2}(-[A-Z]{2,4})?", value)
    return {} if fits else {path: flaw("UNKNOWN_ENUM_VALUE", "must be the code of a language")}


SAID = fields({"value": text, "source": text})
SHAPE = fields(
    {
        "default_language": language,
        "additional_languages": listed(
            fields(
                {
                    "language": language,
                    "public_name": SAID,
                    "public_description": SAID,
                    "public_instructions": SAID,
                    "message_on_unknown_solution": fields({"value": text, "source": one_of("REQUESTER")}),
                }
            )
        ),
    }
)
"""A localization_config."""
