"""What a requester may set for image or text classification; telling blood cells apart is the default."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from handlers.instructions import files_shown, is_file, linked
from store.errors import CrowdhookError

CANT_TELL = "CANT_TELL"
INPUTS = ("image", "text")
MOST_CLASSES = 100
CLIENTS = ("BROWSER", "TOLOKA_APP")
LANGUAGE = re.compile("[A-Z]{2}")
TITLE = "Which blood cell is this?"
DESCRIPTION = "Look at a stained blood cell and say which of four kinds it is."
INSTRUCTIONS = (
    "<p>Each picture shows one white blood cell, its nucleus stained dark violet. Say which kind it is:</p>"
    "<ul>{classes}</ul><p>A short training shows you each kind. After an exam you are paid for every page.</p>"
)


class BadSettings(CrowdhookError):
    """These settings cannot be used:"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One class: its value in the results, as performers read it, and how they know it."""

    value: str
    label: str = ""
    hint: str = ""


BLOOD_CELLS = (
    Kind(
        "EOSINOPHIL",
        "Eosinophil",
        "The nucleus is in two parts, joined by a pinch; the pink layer around it has red and orange dots.",
    ),
    Kind("LYMPHOCYTE", "Lymphocyte", "A small cell that its large nucleus nearly fills; no grain."),
    Kind("MONOCYTE", "Monocyte", "A large cell; its dark nucleus is undivided, long and bent like a bean."),
    Kind(
        "NEUTROPHIL",
        "Neutrophil",
        "The nucleus is in two to four unequal parts, joined by pinches; fine grain all over the pink layer.",
    ),
)


@dataclass(frozen=True, slots=True)
class Texts:
    """What performers read in one language."""

    title: str
    description: str
    instructions: str  # HTML; {classes} is replaced by a list of the classes with their hints


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a requester may set: what is told apart, by whom, for how much, and how labels are made."""

    classes: tuple[Kind, ...] = BLOOD_CELLS
    input: str = "image"  # or text
    texts: Mapping[str, Texts] = field(default_factory=lambda: {"EN": Texts(TITLE, DESCRIPTION, INSTRUCTIONS)})
    example: str = ""  # address or file of an example picture, shown beside each task
    pictures: Mapping[str, str] = field(default_factory=dict)  # addresses of the files that texts and example show
    cant_tell: bool = False  # offer an answer that says so
    reward: float = 0.01  # dollars a page
    overlap: int = 10  # performers for each image
    real_tasks: int = 8  # on a page
    control_tasks: int = 2
    examined: bool = True  # False: no training, exam, control tasks, filter or bans, for a crowd of your own
    training_page: int = 15
    exam_page: int = 15
    training_count: int | None = None  # known examples that teach; None: a page and one more
    exam_count: int | None = None  # that examine; None: likewise
    control_count: int | None = None  # that keep watch; None: enough for 20 pages of each performer
    pass_training: int = 50  # percent right at the first attempt
    pass_exam: int = 80  # percent right
    keep_quality: int = 80  # percent of control answers right
    exam_seconds: int = 7  # a page of the exam that is faster bans from the project
    page_seconds: int = 10  # likewise a page of the work
    method: str = "DawidSkene"
    without_banned: bool = False  # leave out the answers of performers who were banned
    expires_after_days: int = 365
    clients: tuple[str, ...] = CLIENTS

    def __post_init__(self) -> None:
        for holds, complaint in self._rules():
            if not holds:
                raise BadSettings(complaint)

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        values = [each.value for each in self.classes]
        percents = (self.pass_training, self.pass_exam, self.keep_quality)
        counts = (self.training_count, self.exam_count, self.control_count)
        return (
            (2 <= len(values) <= MOST_CLASSES, f"{len(values)} classes: give 2 to {MOST_CLASSES}."),
            (len(set(values)) == len(values), "two classes have the same value."),
            (all(values), "a class has no value."),
            (CANT_TELL not in values, f"{CANT_TELL} is no class: set cant_tell."),
            (self.input in INPUTS, f"input is {self.input!r}: choose image or text."),
            (bool(self.texts), "texts are missing: give at least one language."),
            (all(0 <= each <= 100 for each in percents), "pass_training, pass_exam and keep_quality are percents."),
            (1 <= self.overlap <= 1000, "overlap must be 1 to 1000."),
            (self.reward >= 0.005, "reward must be at least 0.005, which is the least that Toloka takes."),
            (self.real_tasks >= 1, "real_tasks must be at least 1."),
            (
                self.control_tasks >= 1 or not self.examined,
                "control_tasks must be at least 1, for nothing else keeps watch.",
            ),
            (self.training_page >= 1 and self.exam_page >= 1, "training_page and exam_page must be at least 1."),
            (all(each is None or each >= 1 for each in counts), "the counts of known examples must be at least 1."),
            (bool(self.clients) and set(self.clients) <= set(CLIENTS), f"clients are some of {', '.join(CLIENTS)}."),
            (all(map(LANGUAGE.fullmatch, self.texts)), "languages are two capital letters, such as EN."),
            (self.expires_after_days >= 1, "expires_after_days must be at least 1."),
        )

    @property
    def title(self) -> str:
        """Return what the project is called."""
        return self.texts[self.languages[0]].title

    @property
    def exam_skill(self) -> str:
        """Return the name of the skill that the exam gives; "" where there is none."""
        return f"{self.title} (exam)" if self.examined else ""

    @property
    def quality_skill(self) -> str:
        """Return the name of the skill that control tasks give; "" where there are none."""
        return f"{self.title} (quality)" if self.examined else ""

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages of the texts, the first one being the project's own."""
        return tuple(self.texts)

    def hint(self, value: str) -> str:
        """Return how performers know a class, as they are told after a wrong answer in the training."""
        kind = next(each for each in self.classes if each.value == value)
        return f"{kind.label}: {kind.hint}" if kind.hint else kind.label

    def html(self, language: str) -> str:
        """Return a language's instructions with the classes put in."""
        classes = "".join(f"<li><b>{escape(each.label)}</b>{_colon(each.hint)}</li>" for each in self.classes)
        return linked(self.texts[language].instructions, self.pictures).replace("{classes}", classes)

    @property
    def example_address(self) -> str:
        """Return where the example picture can be seen."""
        return self.pictures.get(self.example, self.example)

    @property
    def files(self) -> list[str]:
        """Return the files that texts and example show, each once."""
        shown = [name for each in self.texts.values() for name in files_shown(each.instructions)]
        return list(dict.fromkeys([*shown, *([self.example] if is_file(self.example) else [])]))


def settings(
    *,
    classes: Sequence[Mapping[str, str] | str] | None = None,
    texts: Mapping[str, Mapping[str, str]] | None = None,
    clients: Sequence[str] | None = None,
    **values: Any,
) -> Settings:
    """Build the settings from plain values, as they are kept with a run."""
    if classes is not None:
        values["classes"] = tuple(_kind(each) for each in classes)
    if texts is not None:
        values["texts"] = {language: Texts(**each) for language, each in texts.items()}
    if clients is not None:
        values["clients"] = tuple(clients)
    return Settings(**values)


def _colon(hint: str) -> str:
    return f": {escape(hint)}" if hint else ""


def _kind(given: Mapping[str, str] | str) -> Kind:
    if isinstance(given, str):
        return Kind(given, given, "")
    return Kind(given["value"], given.get("label") or given["value"], given.get("hint", ""))
