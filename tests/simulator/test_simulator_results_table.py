from datetime import UTC, datetime, timedelta

import httpx
import pandas as pd
import pytest
import toloka.client as toloka
from blood import LABELS, PATIENT, Classes, answer
from simulated import Bench, serving, world
from toloka.client.user_restriction import PoolUserRestriction

from simulator.crowd.performers import Crowd

AUTH = {"Authorization": "OAuth token"}
VALUES = ["INPUT:image", "OUTPUT:result", "GOLDEN:result", "HINT:text", "HINT:default_language"]


@pytest.fixture(scope="module")
def classes() -> Classes:
    with serving(world(Crowd(skip=0.05, expire=0.0), answer)) as bench:
        made = Classes(bench)
        made.run()
        yield made


def frame(classes: Classes, pool_id: str, **settings: object) -> pd.DataFrame:
    return classes.client.get_assignments_df(pool_id, **{"status": ["APPROVED"], **settings})


def test_a_row_for_each_task_of_a_page_as_the_notebook_reads_it(classes):
    table = frame(classes, classes.main.id)
    asked = ["link", "assignment_id", "worker_id", "status", "started"]
    assert list(table.columns) == VALUES + [f"ASSIGNMENT:{each}" for each in asked]
    pages = [page for page in classes.pages(classes.main.id) if page.solutions]
    wanted = [
        (task.input_values["image"], solution.output_values["result"], page.id, page.user_id)
        for page in sorted(pages, key=lambda page: page.id)
        for task, solution in zip(page.tasks, page.solutions, strict=True)
    ]
    rows = table[["INPUT:image", "OUTPUT:result", "ASSIGNMENT:assignment_id", "ASSIGNMENT:worker_id"]]
    found = [tuple(row) for row in rows.to_numpy()]
    assert sorted(found) == sorted(wanted)
    assert len(pages) * 10 == len(found)
    real = table[table["GOLDEN:result"].isnull()]
    assert len(real) == 24 * 3
    assert set(table["ASSIGNMENT:status"]) == {"APPROVED"}
    assert pd.to_datetime(table["ASSIGNMENT:started"]).notna().all()


def test_a_training_shows_its_right_answers_hints_and_first_attempts(classes):
    table = frame(classes, classes.training.id)
    labels = {f"It is {label}.": label for label in LABELS}
    assert (table["HINT:text"].map(labels) == table["GOLDEN:result"]).all()
    assert set(table["HINT:default_language"]) == {"EN"}
    wrong = (table["OUTPUT:result"] != table["GOLDEN:result"]).sum()
    pages = [page for page in classes.pages(classes.training.id) if page.first_declined_solution_attempt]
    declined = sum(
        first.output_values != final.output_values
        for page in pages
        for first, final in zip(page.first_declined_solution_attempt, page.solutions, strict=True)
    )
    assert wrong == declined > 0


def test_statuses_come_with_commas_or_one_by_one(classes):
    url = f"{classes.bench.url}/api/new/requester/pools/{classes.training.id}/assignments.tsv"
    asked = ("status=APPROVED,SKIPPED", "status=APPROVED&status=SKIPPED", "status=APPROVED")
    both, one_by_one, one = (classes.bench.http.get(f"{url}?{query}").text for query in asked)
    assert both == one_by_one
    assert len(both) > len(one)


def test_columns_and_statuses_are_those_that_are_asked_for(classes):
    names = ["ASSIGNMENT:task_id", "ASSIGNMENT:reward", "ASSIGNMENT:submitted", "ASSIGNMENT:accepted"]
    names += ["ASSIGNMENT:skipped", "ASSIGNMENT:status", "ASSIGNMENT:task_suite_id", "ASSIGNMENT:expired"]
    statuses = ["APPROVED", "SKIPPED", "ACTIVE", "SUBMITTED", "REJECTED", "EXPIRED"]
    table = frame(classes, classes.training.id, status=statuses, field=names)
    assert list(table.columns) == VALUES + names
    assert set(table["ASSIGNMENT:status"]) == {"APPROVED", "SKIPPED"}
    skipped = table[table["ASSIGNMENT:status"] == "SKIPPED"]
    assert skipped["OUTPUT:result"].isnull().all()
    assert skipped["ASSIGNMENT:skipped"].notnull().all()
    assert (table["ASSIGNMENT:submitted"].isnull() == (table["ASSIGNMENT:status"] == "SKIPPED")).all()
    assert set(table["ASSIGNMENT:reward"]) == {0.0}


def test_times_bound_when_a_page_was_sent_in(classes):
    moments = sorted(page.submitted for page in classes.pages(classes.main.id) if page.submitted)
    middle = moments[len(moments) // 2]
    early = frame(classes, classes.main.id, start_time_to=middle - timedelta(milliseconds=1))
    late = frame(classes, classes.main.id, start_time_from=middle)
    assert len(early) + len(late) == len(frame(classes, classes.main.id))
    assert len(early) == 10 * (len(moments) // 2)
    assert frame(classes, classes.main.id, start_time_from=datetime(2030, 1, 1, tzinfo=UTC)).empty


def test_banned_people_are_left_out_where_that_is_asked_for(classes):
    somebody = next(page.user_id for page in classes.pages(classes.main.id) if page.submitted)
    ban = PoolUserRestriction(user_id=somebody, pool_id=classes.main.id, private_comment="no")
    made = classes.client.set_user_restriction(ban)
    assert somebody in set(frame(classes, classes.main.id)["ASSIGNMENT:worker_id"])
    assert somebody not in set(frame(classes, classes.main.id, exclude_banned=True)["ASSIGNMENT:worker_id"])
    assert somebody in set(frame(classes, classes.training.id, exclude_banned=True)["ASSIGNMENT:worker_id"])
    classes.client.delete_user_restriction(made.id)


@pytest.mark.parametrize(
    "query", ["status=DONE", "field=ASSIGNMENT:smell", "startTimeFrom=soon", "colour=red", "field=INPUT:image"]
)
def test_what_the_table_does_not_know_is_refused_by_name(classes, query):
    url = f"{classes.bench.url}/api/new/requester/pools/{classes.main.id}/assignments.tsv"
    answer = httpx.get(f"{url}?{query}", headers=AUTH)
    assert (answer.status_code, list(answer.json()["payload"])) == (400, [query.partition("=")[0]])
    assert httpx.get(url.replace(classes.main.id, "404"), headers=AUTH).status_code == 404


def test_a_table_has_its_columns_without_any_row(classes):
    empty = frame(classes, classes.main.id, status=["REJECTED"])
    assert empty.empty
    assert "GOLDEN:result" in empty.columns


def outlined(bench: Bench) -> toloka.Pool:
    pool = bench.outlining()
    bench.fill(pool, 3)
    bench.client.open_pool(pool.id)
    bench.run(2)
    return pool


def test_json_is_quoted_and_reviewed_pools_show_verdicts():
    boxes = [{"shape": "rectangle", "left": 0.25, "label": 'a "cell"\twith a tab'}]
    with serving(world(PATIENT, lambda task, project, who: {"result": boxes, "nothing": False})) as bench:
        pool = outlined(bench)
        one, other, third = bench.client.get_assignments(pool_id=pool.id)
        bench.client.accept_assignment(one.id, "Thanks")
        bench.client.reject_assignment(other.id, "Not tight,\nand too big")
        table = bench.client.get_assignments_df(pool.id, status=["APPROVED", "REJECTED", "SUBMITTED"])
        assert [pd.io.json.ujson_loads(text) for text in table["OUTPUT:result"]] == [boxes] * 3
        assert list(table["OUTPUT:nothing"]) == [False] * 3
        shown = table.set_index("ASSIGNMENT:assignment_id")[["ACCEPT:verdict", "ACCEPT:comment"]].fillna("")
        assert {key: tuple(shown.loc[key]) for key in (one.id, other.id, third.id)} == {
            one.id: ("+", "Thanks"),
            other.id: ("-", "Not tight,\nand too big"),
            third.id: ("", ""),
        }


def test_an_empty_line_after_each_page_where_the_site_would_write_one(classes):
    url = f"{classes.bench.url}/api/new/requester/pools/{classes.main.id}/assignments.tsv"
    text = httpx.get(url, headers=AUTH).text
    pages = sum(page.submitted is not None for page in classes.pages(classes.main.id))
    assert text.count("\n\n") == pages
