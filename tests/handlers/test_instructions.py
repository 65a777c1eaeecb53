"""Instructions may show pictures that are files: they are found, and get their addresses."""

from handlers.classification_settings import settings
from handlers.instructions import files_shown, is_file, linked

HTML = """<p>Look: <IMG alt="a > b" src="cells/a.png"> <img src='b c.jpg' width=3><img src=d.png>
<img src="https://pictures.example/e.png"> <img src="data:image/png;base64,xx"> <img src="//f.example/g.png">
<img src="h&amp;i.png"> <img src="cells/a.png"> <p src="no.png"> src="neither.png"</p>"""


def test_the_files_that_instructions_show_are_named_once() -> None:
    assert files_shown(HTML) == ["cells/a.png", "b c.jpg", "d.png", "h&i.png"]


def test_files_get_their_addresses_and_nothing_else_changes() -> None:
    addresses = {"cells/a.png": 'https://x.example/1?a="&b', "d.png": "https://x.example/2"}
    made = linked(HTML, addresses)
    assert made.count('src="https://x.example/1?a=&quot;&amp;b"') == 2
    assert '<img src="https://x.example/2">' in made
    assert "src='b c.jpg'" in made
    back = made.replace('"https://x.example/1?a=&quot;&amp;b"', '"cells/a.png"').replace(
        '"https://x.example/2"', "d.png"
    )
    assert back == HTML


def test_a_name_with_a_scheme_is_an_address() -> None:
    assert [is_file(each) for each in ("", "a.png", "C:/a.png", "HTTPS://a", "../a.png")] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_settings_show_pictures_where_they_are() -> None:
    texts = {"EN": {"title": "t", "description": "d", "instructions": '<img src="a.png">{classes}'}}
    chosen = settings(texts=texts, example="b.png", pictures={"a.png": "https://x/1", "b.png": "https://x/2"})
    assert chosen.files == ["a.png", "b.png"]
    assert chosen.html("EN").startswith('<img src="https://x/1"><li>')
    assert chosen.example_address == "https://x/2"
    assert settings().files == []
