import httpx
import pytest
import toloka.client as toloka
from simulated import checking_pool, checking_project, outlining_project
from toloka.client.exceptions import IncorrectActionsApiError, ValidationApiError
from toloka.client.project.field_spec import (
    BooleanSpec,
    CoordinatesSpec,
    FieldSpec,
    FloatSpec,
    IntegerSpec,
    StringSpec,
)
from toloka.client.project.template_builder.data import OutputData
from toloka.client.project.template_builder.fields import ButtonRadioGroupFieldV1
from toloka.client.project.template_builder.plugins import TolokaPluginV1
from toloka.client.project.template_builder.view import ListViewV1, TextViewV1
from toloka.client.project.view_spec import ClassicViewSpec, TemplateBuilderViewSpec


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


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": 1}, "task_spec.colour"),
        ({"output_spec": {"n": {"type": "integer", "maximum": 5}}}, "task_spec.output_spec.n.maximum"),
        ({"input_spec": {"n": {"type": "string", "max_length": 1.5}}}, "task_spec.input_spec.n.max_length"),
        ({"input_spec": {"n": {"type": "array_string", "min_size": -1}}}, "task_spec.input_spec.n.min_size"),
    ],
)
def test_a_part_of_a_specification_that_nobody_knows_is_named(bench, change, path):
    body = checking_project().unstructure()
    body["task_spec"] |= change
    assert list(bench.http.post("projects", json=body).json()["payload"]) == [path]


SIZES = {"min_size": 1, "max_size": 3}
LENGTHS = {"min_length": 1, "max_length": 9}
SETTINGS = {
    BooleanSpec: {"allowed_values": [True]},
    StringSpec: LENGTHS,
    IntegerSpec: {"min_value": -1, "max_value": 9, "allowed_values": [1]},
    FloatSpec: {"min_value": -0.5, "max_value": 0.5},
    CoordinatesSpec: {"current_location": True},
}
"""What toloka-kit's field specifications may say besides `required` and `hidden`; arrays say it of their items."""
CLASSIC = ClassicViewSpec(
    script="x()",
    markup="<p>",
    styles="p {}",
    assets=ClassicViewSpec.Assets(
        style_urls=["/s.css"], script_urls=["$TOLOKA_ASSETS/js/toloka-handlebars-templates.js"]
    ),
    settings=ClassicViewSpec.Settings(show_skip=False, show_title=True),
)
BUILT = TemplateBuilderViewSpec(
    view=ListViewV1(
        items=[TextViewV1(content="Hello"), ButtonRadioGroupFieldV1(data=OutputData("result"), options=[])]
    ),
    plugins=[TolokaPluginV1(kind="scroll")],
    vars={"any": {"thing": [1, None]}},
    infer_data_spec=True,
)


@pytest.mark.parametrize("view", [CLASSIC, BUILT], ids=["classic", "template builder"])
def test_every_specification_of_the_client_comes_back_and_may_be_sent_again(bench, view):
    kinds = FieldSpec._variant_registry.registered_classes
    assert len(kinds) == 16
    project = checking_project()
    project.task_spec.view_spec = view
    for kind, of in kinds.items():
        said = next((said for base, said in SETTINGS.items() if issubclass(of, base)), {})
        sizes = SIZES if kind.value.startswith("array_") else {}
        project.task_spec.output_spec[kind.value] = of(required=False, hidden=False, **said, **sizes)
    made = bench.client.create_project(project)
    assert made.task_spec.unstructure() == project.task_spec.unstructure()
    made.public_instructions = "Look closely"
    assert bench.client.update_project(made.id, made) == made


def test_a_project_without_specification_is_refused(bench):
    with pytest.raises(ValidationApiError) as caught:
        bench.client.create_project(toloka.Project(public_name="x", public_description="y"))
    assert list(caught.value.payload) == ["task_spec"]


def test_the_requester_has_a_balance(bench):
    assert bench.client.get_requester().balance == 10_000
    assert isinstance(bench.client.get_requester(), toloka.Requester)


def test_an_update_counts_for_later_tasks_and_answers(bench):
    pool = bench.checking()
    bench.fill(pool, 10)
    project = bench.client.get_project(pool.project_id)
    project.task_spec.input_spec["hint"] = StringSpec(required=True)
    project.task_spec.output_spec["result"].allowed_values = ["FINE"]
    bench.client.update_project(project.id, project)
    with pytest.raises(ValidationApiError) as caught:
        bench.fill(pool, 1)
    assert "input_values.hint" in str(caught.value.payload)
    bench.client.open_pool(pool.id)
    bench.run()
    answers = {page.solutions[0].output_values["result"] for page in bench.client.get_assignments(pool_id=pool.id)}
    assert answers == {"FINE"}


def test_what_an_update_changed_is_history_and_the_same_again_is_not(bench):
    made = bench.client.create_project(checking_project())
    made.public_instructions = "Look closely"
    for _ in range(2):
        bench.client.update_project(made.id, made)
    updates = [line["changed"] for line in bench.world.history() if line["kind"] == "PROJECT_UPDATED"]
    assert [update["public_instructions"] for update in updates] == ["Look closely"]


def test_a_project_is_archived_after_its_pools_and_takes_nothing_new(bench):
    pool = bench.checking()
    project = bench.client.get_project(pool.project_id)
    with pytest.raises(IncorrectActionsApiError) as caught:
        bench.client.archive_project(project.id)
    assert caught.value.code == "UNARCHIVED_POOLS_CONFLICT"
    bench.client.archive_pool(pool.id)
    for _ in range(2):
        assert bench.client.archive_project(project.id).status == toloka.Project.ProjectStatus.ARCHIVED
    assert [each.id for each in bench.client.get_projects(status="ARCHIVED")] == [project.id]
    with pytest.raises(IncorrectActionsApiError):
        bench.client.update_project(project.id, project)
    with pytest.raises(IncorrectActionsApiError) as caught:
        bench.client.create_pool(checking_pool(project.id))
    assert caught.value.code == "PROJECT_INAPPROPRIATE_STATUS"
    assert [line["kind"] for line in bench.world.history()][-2:] == ["PROJECT_ARCHIVED", "PROJECT_CREATED"]
