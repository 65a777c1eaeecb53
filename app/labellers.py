"""Simulated people who tell classes apart: by the image, by their skill, and by what they were taught."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from app.confusions import Confusion
from simulator.performers import Performer

UNTAUGHT = 0.55  # of his accuracy, what somebody has about a class that he was shown no example of
EXAMPLES = 3  # of a class, after which more of them teach nothing
HABIT = 0.75  # share of his mistakes about a class in which somebody always takes it for the same other one
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
        if performer.id in self.confusions:
            return _confused(self.confusions[performer.id], self._truth(key, classes), performer.draw("confused", key))
        if performer.kind == "cheater":
            return classes[0]
        if performer.kind == "guesser":
            return _any(classes, performer.draw("guess", key))
        truth = self._truth(key, classes)
        if performer.draw("right", key) < self._chance(key, truth, performer):
            return truth
        others = [each for each in classes if each != truth]
        if performer.draw("habit", key) < HABIT:
            return _any(others, performer.draw("takes it for", truth))
        return _any(others, performer.draw("errs", key))

    def _truth(self, key: str, classes: Sequence[str]) -> str:
        told = self.truths.get(key, "").casefold()
        return next((each for each in classes if each.casefold() == told), classes[0])

    def _chance(self, key: str, truth: str, performer: Performer) -> float:
        """Return how likely he is right: his accuracy, less what he was not taught, less what is hard to see."""
        taught = min(1.0, sum(each.get("result") == truth for each in performer.taught) / EXAMPLES)
        skill = performer.accuracy * (UNTAUGHT + (1 - UNTAUGHT) * taught)
        careful = 0.5 if performer.kind == "careless" else 1.0
        return float(skill * careful * (1 - HARD * self.difficulty.get(key, 0.0)))


def _confused(confusion: Confusion, truth: str, chance: float) -> str:
    """Return what a uniform `chance` makes somebody say of a class; beyond his confusions he is right."""
    chances = confusion.get(truth, {})
    up_to = accumulate(chances.values())
    return next((label for label, bound in zip(chances, up_to, strict=True) if chance < bound), truth)


def _any(classes: Sequence[str], chance: float) -> str:
    return classes[int(chance * len(classes))]
