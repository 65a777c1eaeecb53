"""What the simulator costs for each assignment, from 1,000 to 100,000 of them: CPU seconds, and memory.

The segmentation pipeline's two pools (its rules, its policy) are worked through: images are outlined, outlines checked,
pages paid or refused and asked anew, over HTTP, with signed notifications. The requester and the one who takes the
notifications live in the same process as the simulator and their CPU seconds are subtracted; each size has a process of
its own. The crowd grows with the work, or is the same for all sizes. Run it with `python -m benchmarks.simulate`,
`--help` says what can be set.
"""

import json
import resource
import subprocess
import sys
import time
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from matplotlib.figure import Figure

from app.crowds import SegmentationPeople
from benchmarks.segmentation_requester import Ears, Requester
from simulator.courier import Courier
from simulator.crowd.performers import Crowd
from simulator.server import Simulator
from simulator.world.world import World

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
AN_IMAGE = 1.77  # assignments that an image takes, refusals and checks included
PAGES_A_PERFORMER = 20
FIXED = 500
START = 1_736_154_000.0  # 2025-01-06 09:00 UTC
TICK = 30.0
DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- simulate -->\n", "<!-- /simulate -->\n"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one size took; `seconds` is CPU time of the simulator alone, `wall` that of everything."""

    size: int
    performers: int
    assignments: int
    votes: int
    seconds: float
    requester: float
    wall: float
    peak_mb: float
    requests: int
    notifications: int
    history: str

    @property
    def each(self) -> float:
        """Milliseconds an assignment."""
        return self.seconds / self.assignments * 1000


def one(size: int, performers: int) -> Cost:
    """Work through as many images as come to about `size` assignments."""
    crowd = Crowd(performers=performers)
    world = World(crowd, SegmentationPeople({}, crowd.seed), start=START, balance=100_000.0)
    simulator, ears = Simulator(world, gate=None, files=None), Ears()
    simulator.start()
    requester, courier = Requester(simulator.url, ears, START), Courier(world, time.time)
    names = (f"https://images.example/{at}.jpg" for at in range(int(size / AN_IMAGE)))
    images = [{"image": name, "item": name, "round": 1} for name in names]
    started, began = time.perf_counter(), time.process_time()
    asked = time.thread_time()
    requester.outline(images, [[]] * len(images))
    own = time.thread_time() - asked
    moment: float | None = world.now
    while moment is not None:
        world.advance(moment)
        courier.deliver()
        asked = time.thread_time()
        requester.react(moment)
        own += time.thread_time() - asked
        moment = _next(world, requester)
        _tell(size, world)
    history = sha256()
    for line in world.history_lines():
        history.update(line.encode())
    used = time.process_time() - began - own - ears.seconds
    state = world.state
    checks = (page for page in state.assignments.values() if page.pool_id == requester.checking)
    votes = sum(len(page.task_ids) for page in checks if page.submitted)
    return Cost(
        size=size,
        performers=performers,
        assignments=len(state.assignments),
        votes=votes,
        seconds=used,
        requester=own + ears.seconds,
        wall=time.perf_counter() - started,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        requests=sum(simulator.requests.values()),
        notifications=courier.total.sent,
        history=history.hexdigest()[:16],
    )


def _next(world: World, requester: Requester) -> float | None:
    """The end of the next tick that holds anything."""
    moments = [at for at in (world.next_event_at(), requester.due_at()) if at is not None]
    return max(-(-min(moments) // TICK) * TICK, world.now + TICK) if moments else None


def _tell(size: int, world: World) -> None:
    if sys.stderr.isatty():
        print(f"\r{len(world.state.assignments):>9,} of about {size:,}", end="", file=sys.stderr, flush=True)


def measured(size: int, performers: int) -> Cost:
    """One size in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.simulate", "--one", str(size), str(performers)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    if sys.stderr.isatty():
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
    return Cost(**json.loads(told))


def row(cost: Cost) -> str:
    return (
        f"| {cost.assignments:,} | {cost.votes:,} | {cost.performers:,} | {cost.seconds:.1f} | {cost.each:.2f} "
        f"| {cost.peak_mb:,.0f} | {cost.requests:,} | {cost.notifications:,} | {cost.requester:.1f} |"
    )


HEAD = (
    "| assignments | votes | performers | CPU s | ms an assignment | peak MB "
    "| requests | notifications | requester's CPU s |\n"
    "|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def draw(costs: dict[str, list[Cost]], path: Path) -> None:
    """Plot seconds, and milliseconds an assignment, against size."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    total, each = figure.subplots(1, 2)
    for name, every in costs.items():
        sizes = [cost.assignments for cost in every]
        total.loglog(sizes, [cost.seconds for cost in every], "o-", label=name)
        each.semilogx(sizes, [cost.each for cost in every], "o-", label=name)
    total.set(xlabel="assignments", ylabel="CPU seconds")
    each.set(xlabel="assignments", ylabel="milliseconds an assignment", ylim=(0, None))
    each.legend(loc="lower right")
    for axes in (total, each):
        axes.grid(alpha=0.3)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def write(costs: dict[str, list[Cost]], page: Path) -> None:
    """Put the tables between the page's marks."""
    tables = ((name, "".join(f"{row(each)}\n" for each in every)) for name, every in costs.items())
    told = "".join(f"\n{name}:\n\n{HEAD}\n{rows}" for name, rows in tables)
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}{told}\n{END}{after}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=ArgumentDefaultsHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="assignments, about")
    parser.add_argument("--fixed", type=int, default=FIXED, help="performers of the crowd that does not grow, or 0")
    parser.add_argument("--docs", type=Path, help="write table and plot into this folder's simulator.md and pictures")
    parser.add_argument("--one", type=int, nargs=2, metavar=("SIZE", "PERFORMERS"), help="one size, as JSON")
    chosen = parser.parse_args(arguments)
    if chosen.one:
        print(json.dumps(asdict(one(*chosen.one))))
        return
    crowds: dict[str, Callable[[int], int]] = {
        f"A performer for every {PAGES_A_PERFORMER} assignments": lambda size: size // PAGES_A_PERFORMER,
        f"{chosen.fixed} performers": lambda size: int(chosen.fixed),
    }
    if not chosen.fixed:
        crowds.popitem()
    costs: dict[str, list[Cost]] = {}
    for name, people in crowds.items():
        print(f"{name}:\n{HEAD}")
        costs[name] = []
        for size in chosen.sizes:
            costs[name].append(measured(size, people(size)))
            print(row(costs[name][-1]), flush=True)
    if chosen.docs:
        draw(costs, chosen.docs / "pictures" / "simulator-speed.svg")
        write(costs, chosen.docs / "simulator.md")


if __name__ == "__main__":
    main()
