from blood import PATIENT, Classes, answer
from simulated import serving, world
from toloka.client.user_restriction import ProjectUserRestriction

from simulator.crowd.performers import Crowd


def test_everybody_goes_from_training_through_the_exam_to_the_main_pool_as_far_as_he_is_let():
    with serving(world(Crowd(skip=0.0, expire=0.0, accuracy=0.85, guesser=0.2), answer)) as bench:
        classes = Classes(bench, real=60, golden=8)
        classes.run()
        taught, exam, quality = (
            classes.skill(skill.id) for skill in (classes.training_skill(), classes.exam_skill, classes.quality)
        )
        pages = [classes.pages(pool.id) for pool in (classes.training, classes.exam, classes.main)]
        came = [{page.user_id for page in each} for each in pages]
        assert came[0] == set(taught)
        assert came[1] == {user_id for user_id, value in taught.items() if value >= 50} == set(exam)
        able = {user_id for user_id, value in exam.items() if value >= 80}
        assert came[2] <= able < came[1] < came[0]
        assert set(quality) <= came[2]
        for user_id in came[2]:
            times = [[page.created for page in each if page.user_id == user_id] for each in pages]
            assert max(times[0]) < times[1][0] < min(times[2])


def test_those_whose_quality_fell_are_let_in_no_more():
    with serving(world(Crowd(skip=0.0, expire=0.0, accuracy=0.85, seed=2), answer)) as bench:
        classes = Classes(bench, real=400, golden=40)
        classes.run()
        lines = bench.world.history()
        quality = [line for line in lines if line["kind"] == "USER_SKILL" and line["skill_id"] == classes.quality.id]
        fell = {line["id"]: line["at"] for line in quality if line["value"] < 80}
        begun = [line for line in lines if line["kind"] == "ASSIGNMENT_CREATED" and line["pool_id"] == classes.main.id]
        assert len(fell) > 3
        assert all(line["at"] <= fell.get(line["user_id"], line["at"]) for line in begun)


def test_a_ban_from_the_project_is_one_from_its_training():
    with serving(world(PATIENT, answer)) as bench:
        classes = Classes(bench)
        everybody = [person.id for person in PATIENT.people()]
        for user_id in everybody[:30]:
            bench.client.set_user_restriction(
                ProjectUserRestriction(user_id=user_id, project_id=classes.project.id, private_comment="no")
            )
        classes.run(6)
        came = {page.user_id for page in classes.pages(classes.training.id)}
        assert came
        assert came.isdisjoint(everybody[:30])


def test_the_share_of_people_who_like_a_project_is_the_crowds():
    for likes, most in ((1.0, 60), (0.01, 8), (0.0, 0)):
        with serving(world(Crowd(skip=0.0, expire=0.0, likes=likes), answer)) as bench:
            classes = Classes(bench)
            classes.run(6)
            assert len({page.user_id for page in classes.pages(classes.training.id)}) == most
