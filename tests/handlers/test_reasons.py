"""What refused performers read: in their language, picture by picture, never longer than the platform takes."""

import re

import pytest

from handlers.reasons import LONGEST_COMMENT, TEXTS, WHAT_IS_WRONG, NoText, refusal, texts, told

TOLOKAS = ("EN", "ES", "FR", "DE", "PT", "RU", "TR", "AR", "HI", "ID")


def test_a_refusal_names_the_pictures_counts_the_votes_and_says_what_is_wrong() -> None:
    assert refusal("EN", [(2, 3, 4, ["loose", "missed"]), (5, 2, 2, [])]) == (
        "Picture 2: 3 of 4 people found the outline wrong (a box is not tight, an object was missed).\n"
        "Picture 5: 2 of 2 people found the outline wrong."
    )


def test_a_person_who_looked_says_what_is_wrong_without_counting_anybody() -> None:
    assert told("DE", [(1, "object"), (3, "")]) == (
        "Bild 1: Die Umrandung ist falsch (ein Rahmen umgibt etwas anderes).\nBild 3: Die Umrandung ist falsch."
    )


@pytest.mark.parametrize("language", TOLOKAS)
def test_every_language_says_all_of_it(language: str) -> None:
    (line,) = refusal(language, [(7, 3, 4, WHAT_IS_WRONG)]).splitlines()
    assert {int(number) for number in re.findall(r"\d+", line)} == {7, 3, 4}
    assert all(texts(language).reason(word) in line for word in WHAT_IS_WRONG)
    assert len({texts(language).reason(word) for word in WHAT_IS_WRONG}) == 4
    assert "{" not in line
    assert [int(number) for number in re.findall(r"\d+", told(language, [(7, "loose")]))] == [7]


def test_no_two_languages_are_the_same() -> None:
    assert len({refusal(language, [(1, 2, 3, ["other"])]) for language in TEXTS}) == len(TEXTS)


def test_a_word_that_nobody_knows_is_something_else() -> None:
    assert "something else is wrong" in refusal("EN", [(1, 1, 1, ["purple"])])


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_long_comment_is_cut_by_whole_lines_and_says_how_many_more(language: str) -> None:
    every = [(number, 7, 7, WHAT_IS_WRONG) for number in range(1, 41)]
    whole = refusal(language, every[:1])
    comment = refusal(language, every)
    *kept, last = comment.splitlines()
    assert len(comment) <= LONGEST_COMMENT < len(comment) + 2 * len(whole)
    assert kept == [refusal(language, [each]) for each in every[: len(kept)]]
    assert re.findall(r"\d+", last) == [str(40 - len(kept))]


def test_what_just_fits_is_not_cut() -> None:
    line = len(told("EN", [(1, "")]))
    room = (LONGEST_COMMENT + 1) // (line + 1)
    assert len(told("EN", [(1, "")] * room).splitlines()) == room
    assert "More" not in told("EN", [(1, "")] * room)
    assert "More wrong pictures: 2." in told("EN", [(1, "")] * (room + 1))


def test_a_language_without_texts_is_named_with_those_that_have_some() -> None:
    with pytest.raises(NoText, match=r"'XX'.*AR, DE, EN"):
        refusal("XX", [])
