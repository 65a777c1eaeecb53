"""A real worker that dies where the plan in its folder says, and another in its place: mortal_worker.py FOLDER."""

import json
import os
import sys
from pathlib import Path

from mortal import again_and_again, die_once, note

from app.config import Settings
from app.worker import work
from handlers.deciding import Step


def main(folder: Path) -> None:
    plan = folder / "plan.json"
    fatal = [tuple(each) for each in json.loads(plan.read_text())] if plan.exists() else []

    def observe(step: Step) -> None:
        note(folder, {"name": step.name, "kinds": sorted(step.kinds), "keys": list(step.keys)})
        for name, kind, key in fatal:
            if step.name == name and key in step.keys:
                die_once(folder, f"{name}-{kind}")

    work(Settings.from_env(os.environ), observe=observe)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(again_and_again(lambda: main(folder)))
