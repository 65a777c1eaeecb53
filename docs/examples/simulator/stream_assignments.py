"""Pages are judged as they come, by toloka.streaming: python stream_assignments.py http://127.0.0.1:8090."""

import asyncio
import sys
from datetime import datetime, timedelta

import toloka.client as toloka
from toloka.async_client import AsyncTolokaClient
from toloka.client import actions, collectors, conditions
from toloka.streaming import AssignmentsObserver, Pipeline, PoolStatusObserver
from toloka.streaming.storage import JSONLocalStorage


def set_up(client, images):
    """A pool of so many images to be outlined; whoever's page is refused, another is asked."""
    project = client.create_project(
        toloka.Project(
            public_name="Outline traffic signs",
            public_description="Draw a box around each sign",
            task_spec=toloka.project.task_spec.TaskSpec(
                input_spec={"image": toloka.project.UrlSpec()},
                output_spec={"result": toloka.project.JsonSpec()},
                view_spec=toloka.project.ClassicViewSpec(script="", markup="", styles="", assets={}),
            ),
        )
    )
    pool = toloka.Pool(
        project_id=project.id,
        private_name="outlines",
        may_contain_adult_content=False,
        will_expire=datetime.utcnow() + timedelta(days=365),
        reward_per_assignment=0.01,
        assignment_max_duration_seconds=1200,
        auto_accept_solutions=False,
        auto_accept_period_day=14,
        defaults=toloka.Pool.Defaults(default_overlap_for_new_tasks=1, default_overlap_for_new_task_suites=1),
        filter=toloka.filter.Languages.in_("EN"),
    )
    pool.set_mixer_config(real_tasks_count=1, golden_tasks_count=0, training_tasks_count=0)
    pool.quality_control.add_action(
        collector=collectors.AssignmentsAssessment(),
        conditions=[conditions.AssessmentEvent == conditions.AssessmentEvent.REJECT],
        action=actions.ChangeOverlap(delta=1, open_pool=True),
    )
    pool = client.create_pool(pool)
    addresses = [f"https://example.com/signs/{number}.png" for number in range(images)]
    tasks = [toloka.Task(pool_id=pool.id, input_values={"image": address}) for address in addresses]
    client.create_tasks(tasks, allow_defaults=True)
    return client.open_pool(pool.id)


class Judge:
    """Accepts pages with a box and refuses the others; what it knows is saved with the pipeline's state."""

    def __init__(self, client):
        self.client = client
        self.boxes = {}

    async def __call__(self, events):
        """Judge new pages."""
        for assignment in (event.assignment for event in events):
            boxes = assignment.solutions[0].output_values["result"]
            if boxes:
                self.boxes[assignment.tasks[0].input_values["image"]] = boxes
                await self.client.accept_assignment(assignment.id, "Thank you")
            else:
                await self.client.reject_assignment(assignment.id, "There is a sign in the picture")

    def __getstate__(self):
        return {"boxes": self.boxes}

    def __setstate__(self, state):
        self.boxes = state["boxes"]


def tell(pool):
    """Say that the pool was closed; callbacks have a name of their own, as the state is saved with them."""
    print("closed because", pool.last_close_reason)


def pipeline(client, pool, judge, period, folder):
    """Look every `period`; the state is kept in a folder, so that a run that was ended goes on where it was."""
    made = Pipeline(period=period, storage=JSONLocalStorage(folder))
    made.register(AssignmentsObserver(client, pool.id)).on_submitted(judge)
    made.register(PoolStatusObserver(client, pool.id)).on_closed(tell)
    return made


def main(url, folder=".", period=timedelta(seconds=60), images=10):
    """Have so many images outlined: boxes by image."""
    client = toloka.TolokaClient("any token", url=url)
    pool = set_up(client, images)
    asynchronous = AsyncTolokaClient("any token", url=url)
    judge = Judge(asynchronous)
    asyncio.run(pipeline(asynchronous, pool, judge, period, folder).run())
    return judge.boxes


if __name__ == "__main__":
    print(main(sys.argv[1]))
