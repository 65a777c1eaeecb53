"""Simulated people who tell classes apart: by the image, by their skill, and by what they were taught."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.confusions import Confusion
from simulator.crowd.performers import Performer
from simulator.crowd.saying import confused

FIELD = "result"
UNTAUGHT = 0.55  # of his accuracy, what somebody has about a class that he was shown no example of
EXAMPLES = 3  # of a class, after which more of them teach nothing
HARD = 0.6  # of the chance to be right, what the hardest image takes away


class Labellers:
    """Answers of a whole crowd about images whose class is known: `answer(task, project, performer)`.

    `truths` holds the class by an item's key, `difficulty` (0..1) how hard it is to see; of an item that nobody knows
    everybody imagines the same class. `recognise` tells the key of the image that an address shows, where the item's
    own key is not known. Guessers take any class, cheaters always the first; careless people are right half as often.
    Whoever has a confusion matrix, by user id, answers by that alone.
    """

    def __init__(
        self,
        truths: Mapping[str, str],
        difficulty: Mapping[str, float] | None = None,
        recognise: Callable[[str], str | None] = lambda image: None,
        confusions: Mapping[str, Confusion] | None = None,
    ) -> None:
        self.truths, self.difficulty, self.recognise = truths, difficulty or {}, recognise
        self.confusions = confusions or {}

    def __call__(self, task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        """Choose one of the classes that the project offers."""
        classes = project["task_spec"]["output_spec"]["result"]["allowed_values"]
        shown = task["input_values"]
        key = str(shown["item"])
        if key not in self.truths and "image" in shown:
            key = self.recognise(str(shown["image"])) or key
        return {"result": self._chosen(key, classes, performer)}

    def _chosen(self, key: str, classes: Sequence[str], performer: Performer) -> str:
        truth = self._truth(key, classes)

        def draw(what: str) -> float:
            return performer.draw(what, truth if what == "takes it for" else key)

        if performer.id in self.confusions:
            return confused(self.confusions[performer.id].get(truth, {}), truth, classes, draw("confused"))
        return performer.choose(truth, classes, self._chance(key, truth, performer), draw, FIELD)

    def _truth(self, key: str, classes: Sequence[str]) -> str:
        told = self.truths.get(key, "").casefold()
        return next((each for each in classes if each.casefold() == told), classes[0])

    def _chance(self, key: str, truth: str, performer: Performer) -> float:
        """Return how likely he is right: his accuracy, less what he was not taught, less what is hard to see."""
        taught = min(1.0, sum(each.get("result") == truth for each in performer.taught) / EXAMPLES)
        skill = performer.chance(truth, FIELD) * (UNTAUGHT + (1 - UNTAUGHT) * taught)
        return float(skill * performer.care * (1 - HARD * self.difficulty.get(key, 0.0)))
