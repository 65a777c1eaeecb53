"""How people work: how well, how fast and when, what they like, and what makes them go for good."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import NormalDist
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STANDARD = NormalDist()


@dataclass(frozen=True, slots=True)
class Ability:
    """How likely somebody is right: at all, by the true class, or by what he takes each class for, with which chance.

    None: as likely as he is anyway. What is left of a class's confusions is the chance that he is right.
    """

    accuracy: float | None = None
    classes: Mapping[str, float] = field(default_factory=dict)
    confusions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learning:
    """What is added to accuracy for each page done in a project and each training task shown; never beyond `up_to`."""

    per_page: float = 0.0
    per_example: float = 0.0
    up_to: float = 1.0

    def grown(self, accuracy: float, pages: int, examples: int) -> float:
        """An accuracy after so many pages and examples."""
        return max(accuracy, min(self.up_to, accuracy + self.per_page * pages + self.per_example * examples))


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds that a task takes: their mean, and the standard deviation over pages; log-normal."""

    mean: float
    spread: float = 0.0

    def at(self, chance: float) -> float:
        """The seconds a task on which a uniform `chance` falls."""
        variance = math.log(1 + (self.spread / self.mean) ** 2)
        away = STANDARD.inv_cdf(min(max(chance, 1e-9), 1 - 1e-9)) * math.sqrt(variance)
        return self.mean * math.exp(away - variance / 2)


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody works: between two minutes of the day in his time zone, over midnight if `end` is not later."""

    zone: str
    start: int
    end: int
    days: tuple[str, ...] = DAYS

    def next(self, at: float) -> float:
        """The first moment from `at` on, in platform seconds, that lies in these hours."""
        zone = ZoneInfo(self.zone)
        today = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for day in (today + timedelta(days=ahead) for ahead in range(-1, 9)):
            begin = day + timedelta(minutes=self.start)
            end = day + timedelta(minutes=self.end, days=int(self.end <= self.start))
            if DAYS[day.weekday()] in self.days and end.timestamp() > at:
                return max(at, begin.timestamp())
        return at


@dataclass(frozen=True, slots=True)
class Conduct:
    """How one person, or all of a group, work. Chances and shares are in 0..1, by project where projects differ.

    `skip` and `expire` are chances of a page, `replies` that of a message, `likes` the share of people who like a
    project's work. A page takes `page_seconds` (from, to) whatever is on it, else what `speed` says, else about
    `seconds_per_task`. `carelessness` is the chance that an answer is given without a look, `leaves_after` that
    somebody never comes back after a refusal or a ban. `abilities` are by project and output field, None being all
    others. Those who share a `voice` say the same.
    """

    skip: float = 0.02
    expire: float = 0.01
    replies: float = 0.0
    likes: float = 0.5
    likes_in: Mapping[str, float] = field(default_factory=dict)
    seconds_per_task: float = 12.0
    speed: Speed | None = None
    speed_in: Mapping[str, Speed] = field(default_factory=dict)
    page_seconds: tuple[float, float] | None = None
    hours: Hours | None = None
    carelessness: float = 0.0
    leaves_after: Mapping[str, float] = field(default_factory=dict)
    abilities: Mapping[tuple[str | None, str | None], Ability] = field(default_factory=dict)
    learning: Learning | None = None
    voice: str | None = None

    def likes_share(self, project: str) -> float:
        """The share of people like him who like this project's work."""
        return self.likes_in.get(project, self.likes)

    def ability(self, project: str | None, output: str | None) -> Ability:
        """What is said of a project and one of its output fields; of the project alone, of the field, or at all."""
        for key in ((project, output), (project, None), (None, output), (None, None)):
            if key in self.abilities:
                return self.abilities[key]
        return NOTHING_SAID

    def grown(self, accuracy: float, pages: int, examples: int) -> float:
        """An accuracy after so many pages of the project, and training tasks shown."""
        return accuracy if self.learning is None else self.learning.grown(accuracy, pages, examples)


NOTHING_SAID = Ability()
