import httpx
from simulated import checking_project
from toloka.client.project.localization import AdditionalLanguage, LocalizationConfig

AUTH = {"Authorization": "OAuth token"}


def test_translations_are_kept(bench):
    project = checking_project()
    german = AdditionalLanguage(
        language="DE",
        public_name=AdditionalLanguage.FieldTranslation(value="Umrisse", source="REQUESTER"),
    )
    project.localization_config = LocalizationConfig(default_language="EN", additional_languages=[german])
    made = bench.client.create_project(project)
    assert bench.client.get_project(made.id).localization_config == project.localization_config


def test_what_is_wrong_with_a_translation_is_named(bench):
    project = checking_project().unstructure()
    wrong = {"language": "XX", "public_name": "Umrisse", "tb_view_spec": {"keys": [{"key": 5}]}, "smell": 1}
    project["localization_config"] = {"default_language": "EN", "additional_languages": [wrong]}
    answer = httpx.post(f"{bench.url}/api/v1/projects", json=project, headers=AUTH)
    names = ("language", "public_name", "tb_view_spec.keys[0].key", "smell")
    assert answer.status_code == 400
    assert set(answer.json()["payload"]) == {f"localization_config.additional_languages[0].{name}" for name in names}
