import httpx
import pytest
import toloka.client as toloka
from simulated import checking_project, outlining_project
from toloka.client.exceptions import ValidationApiError
from toloka.client.project.template_builder.view import TextViewV1
from toloka.client.project.view_spec import TemplateBuilderViewSpec


def test_a_created_project_is_found_again(bench):
    made = bench.client.create_project(checking_project())
    assert bench.client.get_project(made.id) == made
    assert [project.id for project in bench.client.get_projects(status="ACTIVE")] == [made.id]
    assert list(bench.client.get_projects(status="ARCHIVED")) == []


def test_a_template_builder_interface_comes_back_as_it_was_sent(bench):
    project = outlining_project()
    project.task_spec.view_spec = TemplateBuilderViewSpec(view=TextViewV1(content="Hello"))
    made = bench.client.create_project(project)
    assert bench.client.get_project(made.id).task_spec.view_spec == project.task_spec.view_spec


def test_an_update_is_read_back(bench):
    made = bench.client.create_project(checking_project())
    made.public_instructions = "Look closely"
    assert bench.client.update_project(made.id, made).public_instructions == "Look closely"
    assert bench.client.get_project(made.id).public_instructions == "Look closely"


def test_a_field_of_unknown_type_is_named(bench):
    body = checking_project().unstructure() | {"x": 1}
    body["task_spec"]["input_spec"]["image"]["type"] = "smell"
    answer = httpx.post(f"{bench.url}/api/v1/projects", json=body, headers={"Authorization": "OAuth token"})
    assert set(answer.json()["payload"]) == {"task_spec.input_spec.image.type", "x"}


def test_a_project_without_specification_is_refused(bench):
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_project(toloka.Project(public_name="x", public_description="y"))
    assert list(caught.value.payload) == ["task_spec"]


def test_the_requester_has_a_balance(bench):
    assert bench.client.get_requester().balance == 10_000
    assert isinstance(bench.client.get_requester(), toloka.Requester)
