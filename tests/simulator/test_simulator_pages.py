import shutil

import httpx
import pytest
import toloka.client as toloka
from playwright.sync_api import sync_playwright
from simulated import checking_project, serving, world

from simulator.crowd.performers import Crowd

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
HOSTILE = "<img src=x onerror=document.title='taken'>"


def test_an_empty_world_says_what_to_do(bench):
    page = httpx.get(f"{bench.url}/")
    assert page.status_code == 200
    assert "point a toloka-kit client at this address" in page.text


def test_a_pool_that_nobody_is_left_for_is_said(bench):
    pool = bench.checking(filter=toloka.filter.Languages.in_("EN"))
    bench.fill(pool, 1, overlap=1000)
    bench.client.open_pool(pool.id)
    assert "Nobody is left" not in httpx.get(f"{bench.url}/").text
    bench.run(48)
    said = httpx.get(f"{bench.url}/").text
    assert "Nobody is left" in said
    assert "had all that they may get" in said


@pytest.mark.parametrize(("query", "again"), [("?every=10", True), ("", False), ("?every=0", False)])
def test_a_browser_loads_the_page_again_when_asked_to(bench, query, again):
    assert ('http-equiv="refresh"' in httpx.get(f"{bench.url}/{query}").text) == again


def test_a_browser_shows_what_people_wrote_as_text():
    assert shutil.which(CHROMIUM), "this test needs a browser: install the Debian package chromium"
    with serving(world(Crowd(seed=1))) as bench, sync_playwright() as playwright:
        project = checking_project()
        project.public_name = HOSTILE
        bench.client.create_project(project)
        pool = bench.outlining(private_name=HOSTILE)
        bench.fill(pool, 4)
        bench.client.open_pool(pool.id)
        bench.run(2)
        bench.client.accept_assignment(next(bench.client.get_assignments(pool_id=pool.id)).id, HOSTILE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        trouble: list[str] = []
        page.on("console", lambda message: trouble.append(message.text))
        page.on("requestfailed", lambda request: trouble.append(request.url))
        page.goto(f"{bench.url}/", wait_until="networkidle")
        assert (page.title(), trouble) == ("Simulator · Crowdhook", [])
        assert page.locator(f"#pool-{pool.id} b").inner_text() == HOSTILE
        assert page.locator("h3", has_text=HOSTILE).count() == 1
        assert page.locator(f"#pool-{pool.id} td").nth(3).inner_text().startswith("4 of 4")
        browser.close()
