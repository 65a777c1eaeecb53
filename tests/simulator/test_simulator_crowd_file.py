import re
from pathlib import Path

import pytest

from simulator.crowd.conduct import Ability, Conduct, Hours, Learning, Speed
from simulator.crowd.crowd_file import BadCrowd, read_crowd
from simulator.crowd.crowd_forms import PROFILE
from simulator.crowd.performers import HASTY_SECONDS
from simulator.crowd.profiles import Profiles

DOCS = Path(__file__).parent.parent.parent / "docs" / "simulator.md"


def written(folder: Path, text: str) -> Path:
    file = folder / "crowd.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_in_the_documentation_is_read(tmp_path):
    (example,) = re.findall(r"```toml\n(performers.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    crowd = read_crowd(written(tmp_path, example), seed=3)
    careful, bots, ring = crowd.groups
    assert [(each.name, each.kind, each.count) for each in crowd.groups] == [
        ("careful", "careful", 124),
        ("bots", "guesser", 60),
        ("ring", "careful", 16),
    ]
    conduct = careful.conduct
    assert (conduct.skip, conduct.expire, conduct.replies, conduct.carelessness) == (0.03, 0.01, 0.2, 0.02)
    assert (conduct.speed, conduct.speed_in) == (Speed(9, 3), {"Label cells": Speed(5, 2)})
    assert (conduct.likes_share("Label cells"), conduct.likes_share("Others")) == (0.9, 0.6)
    assert conduct.hours == Hours("Europe/Berlin", 480, 1110, ("mon", "tue", "wed", "thu", "fri"))
    assert (conduct.learning, conduct.leaves_after) == (Learning(0.002, 0.01, 0.97), {"refusal": 0.1, "ban": 0.5})
    cells = conduct.ability("Label cells", "result")
    assert cells == Ability(confusions={"MONOCYTE": {"LYMPHOCYTE": 0.2, "NEUTROPHIL": 0.05}})
    assert conduct.ability("Others", "comment") == Ability(0.7)
    assert conduct.ability("Others", "result") == Ability(0.93, {"MONOCYTE": 0.8})
    assert (bots.conduct.page_seconds, ring.conduct.voice) == ((1, 5), "colluders ring")
    assert {name for name in PROFILE if getattr(careful.profiles, name) == getattr(Profiles(), name)} == set()
    people = crowd.people()
    assert len({person.id for person in people}) == 200
    assert {person.profile.os_family for person in people if person.conduct is conduct} == {"WINDOWS", "LINUX"}


def test_what_is_not_said_is_as_usual(tmp_path):
    crowd = read_crowd(written(tmp_path, '[[group]]\ncount = 3\n[[group]]\ncount = 2\nkind = "cheater"\n'))
    usual, cheaters = crowd.groups
    assert (usual.name, usual.accuracy, usual.conduct, usual.profiles) == ("careful", 0.9, Conduct(), Profiles())
    assert cheaters.conduct == Conduct(page_seconds=HASTY_SECONDS)
    assert [person.kind for person in crowd.people()].count("cheater") == 2


def test_shares_are_rounded_so_that_they_add_up(tmp_path):
    third = "share = 0.333333333"
    text = f"performers = 10\n[[group]]\n{third}\n[[group]]\n{third}\n[[group]]\nshare = 0.333333334\n"
    counts = [each.count for each in read_crowd(written(tmp_path, text)).groups]
    assert (sum(counts), sorted(counts)) == (10, [3, 3, 4])


def test_who_comes_later_is_of_a_group_too(tmp_path):
    crowd = read_crowd(written(tmp_path, '[[group]]\ncount = 3\n[[group]]\ncount = 1\nkind = "guesser"\n'))
    later = [crowd.newcomer(number) for number in range(400)]
    assert len({person.id for person in [*later, *crowd.people()]}) == 404
    assert 60 < sum(person.kind == "guesser" for person in later) < 140


ONE = "[[group]]\ncount = 4\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[[group]\ncount = 4\n", 1, "Expected"),
        ("performers = 5\nseed\n", 2, "Expected"),
        ('[[group]]\ncount = 4\nname = "é\n', 3, "Illegal character"),
        ("performers = 5\n", 1, "group is missing"),
        ("performers = 0\n" + ONE, 1, "performers: 0 is not from 1 to 100000"),
        ("performers = 5\n" + ONE, 1, "performers: the counts of the groups add up to another number"),
        ("colour = 1\n" + ONE, 1, "colour: colour is not known here; known are performers, group"),
        (ONE + "accurracy = 0.5\n", 3, "group 1, accurracy: accurracy is not known here; did you mean accuracy?"),
        (ONE + "accuracy = 1.5\n", 3, "group 1, accuracy: 1.5 is not from 0 to 1"),
        (ONE + "accuracy = true\n", 3, "group 1, accuracy: True is not a number"),
        (ONE + '\nname = "bots"\nkind = "robot"\n', 5, "group 'bots', kind: 'robot' is none of careful, careless"),
        (ONE + "skip = 0.7\n# more\nexpire = 0.6\n", 3, "group 1, skip: skip and expire add up to more than 1"),
        (ONE + "share = 0.5\n", 3, "group 1, share: a group has either a count or a share"),
        ('[[group]]\nname = "x"\n', 2, "group 'x', name: a group has either a count or a share"),
        ("[[group]]\nshare = 0.5\n[[group]]\nshare = 0.4\n", 4, "share: the shares of the groups add up to 0.9"),
        ("[[group]]\nshare = 0.5\n" + ONE, 4, "group 2, count: some groups have counts and others shares"),
        (ONE + "[group.profile]\ngendre = 1\n", 4, "profile, gendre: gendre is not known here; did you mean gender?"),
        (ONE + "[group.profile]\ngender = { MAN = 1 }\n", 4, "profile, gender, MAN: 'MAN' is none of MALE, FEMALE"),
        (ONE + "[group.profile]\ncountry = { US = 0 }\n", 4, "profile, country: all weights are 0"),
        (ONE + '[group.profile]\ncountry = "usa"\n', 4, "profile, country: 'usa' is not the code of a country"),
        (ONE + '[group.profile]\nlanguages = ["EN", "english"]\n', 4, "languages, 1: 'english' is not the code of"),
        (ONE + "[group.profile]\ncity = { US = { x = 1 } }\n", 4, "city, US, x: 'x' is not the id of a region"),
        (ONE + "[group.profile]\nrating = [90, 50]\n", 4, "profile, rating: 90 is more than 50"),
        (ONE + ONE + "[group.fields.a]\nclasses = { X = 2 }\n", 6, "group 2, fields, a, classes, X: 2 is not from 0"),
        (
            ONE + '[group.projects."My cells"]\nconfusions.CAT = { DOG = 0.7, COW = 0.6 }\n',
            4,
            "group 1, projects, My cells, confusions, CAT: the chances add up to 1.3, more than 1",
        ),
        (ONE + "seconds_per_task = { spread = 1 }\n", 3, "seconds_per_task: mean is missing"),
        (ONE + "seconds_per_page = [0, 1]\n", 3, "seconds_per_page, 0: 0 is below 0.001"),
        (ONE + 'hours = { zone = "Europe/Berlim", from = "8:00", to = "9:00" }\n', 3, "did you mean Europe/Berlin?"),
        (ONE + '[group.hours]\nzone = "UTC"\nfrom = "8:00"\nto = "09:00"\n', 5, "from: '8:00' is not a time such as"),
        (ONE + '[group.hours]\nzone = "UTC"\nfrom = "24:00"\nto = "00:00"\n', 6, "to: from and to are the same"),
        (ONE + '[group.hours]\nzone = ["UTC"]\nfrom = "08:00"\nto = "09:00"\n', 4, "zone: ['UTC'] is no time zone"),
        (ONE + f"[group.profile]\nregion_by_ip = '{'1' * 5000}'\n", 4, "region_by_ip: '111"),
        (ONE + '[group.hours]\nzone = "UTC"\nfrom = "08:00"\nto = "08:00"\n', 6, "to: from and to are the same"),
        (
            ONE + '[group.hours]\nzone = "UTC"\nfrom = "08:00"\nto = "10:00"\ndays = ["day"]\n',
            7,
            "'day' is none of mon",
        ),
        ("group = 5\n", 1, "there must be one [[group]] at least"),
        ("[group]\ncount = 1\n", 1, "there must be one [[group]] at least"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_reason(tmp_path, text, line, reason):
    file = written(tmp_path, text)
    with pytest.raises(BadCrowd) as caught:
        read_crowd(file)
    told = str(caught.value)
    assert f"{file} line {line}: " in told
    assert reason in told


def test_what_is_no_text_is_told_with_its_line(tmp_path):
    (tmp_path / "crowd.toml").write_bytes(b"performers = 5\n# \xff\n")
    with pytest.raises(BadCrowd, match="line 2: not UTF-8 text"):
        read_crowd(tmp_path / "crowd.toml")
