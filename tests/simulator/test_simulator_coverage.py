from simulator.coverage import PAGE, SECTIONS, written


def test_the_documentation_is_what_the_code_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page, "make docs"


def test_only_what_is_between_the_marks_is_written() -> None:
    marks = [mark for name in SECTIONS for mark in (f"<!-- {name} -->", f"<!-- end of {name} -->")]
    page = written("\n".join(["before", *marks, "after"]))
    assert page.startswith("before\n<!-- ")
    assert page.endswith(" -->\nafter")
    assert written(page) == page
