import pytest

from bench.compare_answers import Answer, _differences, _links


def answer(body: str, *, status: str = "200 OK", media_type: str = "text/html", **headers: str):
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    kind = ("Content-Type", f"{media_type}; charset=utf-8")
    return Answer(status, (kind, *named), body.encode())


def test_equal_answers_are_the_same():
    assert _differences(answer("<p>One"), answer("<p>One")) == ("the same", [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<ul>\n  <li>One</li>\n</ul>", "<ul><li>One</li></ul>"),
        ('<a href="/"\n   class="x">One</a>', '<a href="/" class="x">One</a>'),
        ("<p>One\n   two</p>", "<p>One two</p>"),
    ],
)
def test_white_space_that_browsers_ignore_is_told_apart(old, new):
    found = _differences(answer(old, Content_Length="30"), answer(new, Content_Length="20"))
    assert found == ("the same but for white space", [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p><b>One</b> <i>two</i></p>", "<p><b>One</b><i>two</i></p>"),
        ("<pre>a\n b</pre>", "<pre>a b</pre>"),
        ("<p>One</p>", "<p>Two</p>"),
    ],
)
def test_what_a_reader_would_see_is_a_difference(old, new):
    assert _differences(answer(old), answer(new))[0] == "different"


def test_white_space_of_other_forms_is_a_difference():
    old, new = (answer(body, media_type="text/plain") for body in ["a  b", "a b"])
    assert _differences(old, new) == ("different", ["  - a  b\n  + a b"])


def test_status_and_headers_are_compared():
    old = answer("", Location="/en/", ETag='"1"')
    new = answer("", status="404 Not Found", ETag='"2"')
    assert _differences(old, new) == (
        "different",
        ["  - 200 OK\n  + 404 Not Found", "  - Location: /en/\n  - ETag: …\n  + ETag: …"],
    )


def test_links_of_the_site_are_found_wherever_they_are():
    page = answer(
        '<a href="/en/?a=1&amp;b=2#x"> <a href="https://example.org/en/b/">'
        '<img srcset="/media/1.webp 1x, /media/2.webp 2x"><link href="/static/site.css">'
        '<a href="http://trends.example.org/ja/"> <a href="//example.org/c">',
        Location="/en/away/",
    )
    assert _links(page) == {"/en/?a=1&b=2", "/media/1.webp", "/media/2.webp", "/ja/", "/en/away/"}


def test_links_of_data_are_absolute():
    data = answer('{"url": "http://trends.example.org/en/x/", "path": "/no"}', media_type="a/json")
    assert _links(data) == {"/en/x/"}
