"""Several pools at the same time, by AsyncTolokaClient: python collect_async.py http://127.0.0.1:8090."""

import asyncio
import sys
from collections import Counter
from datetime import datetime, timedelta

import toloka.client as toloka
from toloka.async_client import AsyncTolokaClient


async def ask(client, project_id, question):
    """One pool of ten pictures about a question, opened."""
    pool = toloka.Pool(
        project_id=project_id,
        private_name=question,
        may_contain_adult_content=False,
        will_expire=datetime.utcnow() + timedelta(days=365),
        reward_per_assignment=0.01,
        assignment_max_duration_seconds=600,
        defaults=toloka.Pool.Defaults(default_overlap_for_new_tasks=3, default_overlap_for_new_task_suites=3),
        filter=toloka.filter.Languages.in_("EN"),
    )
    pool.set_mixer_config(real_tasks_count=5, golden_tasks_count=0, training_tasks_count=0)
    pool = await client.create_pool(pool)
    tasks = [toloka.Task(pool_id=pool.id, input_values={"picture": f"{question} {n}"}) for n in range(10)]
    await client.create_tasks(tasks, allow_defaults=True)
    return await client.open_pool(pool.id)


async def answers(client, pool, pause):
    """What was answered, by picture, once the pool is closed."""
    while not (await client.get_pool(pool.id)).is_closed():
        await asyncio.sleep(pause)
    votes = {}
    async for assignment in client.get_assignments(pool_id=pool.id, status="ACCEPTED"):
        for task, solution in zip(assignment.tasks, assignment.solutions, strict=True):
            votes.setdefault(task.input_values["picture"], Counter())[solution.output_values["answer"]] += 1
    return votes


async def collect(url, questions, pause=60.0):
    """Votes by question and picture."""
    client = AsyncTolokaClient("any token", url=url)
    spec = toloka.project.task_spec.TaskSpec(
        input_spec={"picture": toloka.project.StringSpec()},
        output_spec={"answer": toloka.project.StringSpec(allowed_values=["yes", "no"])},
        view_spec=toloka.project.ClassicViewSpec(script="", markup="", styles="", assets={}),
    )
    project = await client.create_project(
        toloka.Project(public_name="Questions", public_description="Yes or no?", task_spec=spec)
    )
    pools = await asyncio.gather(*(ask(client, project.id, question) for question in questions))
    found = await asyncio.gather(*(answers(client, pool, pause) for pool in pools))
    return dict(zip(questions, found, strict=True))


if __name__ == "__main__":
    print(asyncio.run(collect(sys.argv[1], ["Is it day?", "Is it rain?", "Is it far?"])))
