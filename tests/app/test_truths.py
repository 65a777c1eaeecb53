"""True classes out of a table: by key, by name, and what does not fit."""

from app.examples import Example, LeftOut
from app.truths import with_truths

CLASSES = ("CAT", "DOG")


def said(**labels: str) -> list[Example]:
    return [Example(key, label=label) for key, label in labels.items()]


def test_an_image_is_named_by_key_by_file_name_or_without_suffix() -> None:
    examples = [Example("in/a.jpg"), Example("in/b.jpg"), Example("c.jpg")]
    table = [Example("in/a.jpg", label="cat"), Example("b.jpg", label="Dog"), Example("c", label="CAT")]
    found = with_truths(examples, table, CLASSES)
    assert [(each.key, each.label) for each in found.examples] == [
        ("in/a.jpg", "CAT"),
        ("in/b.jpg", "DOG"),
        ("c.jpg", "CAT"),
    ]
    assert found.left_out == ()


def test_a_name_that_several_images_have_names_none_of_them() -> None:
    examples = [Example("one/a.jpg"), Example("two/a.jpg"), Example("three/a.png")]
    found = with_truths(examples, [*said(a="cat"), Example("two/a.jpg", label="dog")], CLASSES)
    assert [(each.key, each.label) for each in found.examples] == [("two/a.jpg", "DOG")]
    assert found.left_out == (
        LeftOut("one/a.jpg", "its class is missing"),
        LeftOut("three/a.png", "its class is missing"),
        LeftOut("a", "it has a true class, but is not in the data set"),
    )


def test_a_foreign_class_and_several_classes_are_named() -> None:
    examples = [Example("a"), Example("b"), Example("c")]
    table = [
        Example("a", label="cow"),
        Example("b", label="cat"),
        Example("b", label="dog"),
        *said(c="cat"),
        *said(c="CAT"),
    ]
    found = with_truths(examples, table, CLASSES)
    assert [(each.key, each.label) for each in found.examples] == [("c", "CAT")]
    assert found.left_out == (
        LeftOut("a", "its class cow is none of the classes"),
        LeftOut("b", "it has several true classes: CAT, DOG"),
    )
