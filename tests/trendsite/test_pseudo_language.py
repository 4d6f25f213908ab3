"""Every text of the interface comes from the catalogue: pages in a language that marks its texts.

What a catalogue gives stands in brackets, and what editors wrote is in Greek, so that Latin
letters outside of brackets are a text that no translator gets to see.
"""

import functools
import inspect
import re
import sys
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import trans_real

from tests.support.editing import filled, make_editor, send, trend_url
from tests.support.loading import export
from tests.support.make import make_tag, make_trend
from tests.support.reading import parse
from trends.models import Trend
from trendsite.shared.models import Tag
from trendsite.shared.text_limits import longest_texts
from trendsite.shared.text_models import TextModel

pytestmark = pytest.mark.django_db

OPEN, CLOSE = "⟦", "⟧"
ATTRIBUTES = [
    "alt",
    "aria-label",
    "label",
    "placeholder",
    "title",
    "data-confirm",
    "aria-description",
]
# Names, which are the same in every language; and what is read by programs.
NAMES = re.compile(
    r"Trendsite|English|YouTube|Vimeo|PeerTube|TED|bilibili|JSON Feed|https?://\S+"
    r"|\b(?:AI|API|Atom|BibTeX|CSL|JSON|Markdown|PO|RIS|URL|XLIFF|YAML|en|ja)\b"
    # Keys and slugs.
    r"|\b(?:[a-z0-9]+-)+[a-z0-9]+\b|\b(?:enterprises|researchers|product|strategy)\b"
)


class Pseudo(trans_real.DjangoTranslation):
    """A catalogue that has every text, in brackets."""

    def __init__(self) -> None:
        self._catalog = {}

    def gettext(self, message: str) -> str:
        text = message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]
        return f"{OPEN}{text}{CLOSE}" if text.strip() else text

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)

    def language(self) -> str:
        return "en"

    def to_language(self) -> str:
        return "en"


def forget_texts() -> None:
    """Empty what functions of ours remember, texts in the other catalogue among it."""
    ours = [
        module
        for name, module in sys.modules.items()
        if name.split(".")[0] in ("quotes", "trends", "trendsite")
    ]
    places = [*ours, *(each for module in ours for each in vars(module).values())]
    for place in places:
        if inspect.ismodule(place) or inspect.isclass(place):
            for found in vars(place).values():
                if type(found) is functools._lru_cache_wrapper:  # others only pretend to be one
                    found.cache_clear()


@pytest.fixture(autouse=True)
def _pseudo(monkeypatch):
    pseudo = Pseudo()
    # Those that are active hold the other one.
    monkeypatch.setattr(trans_real, "_default", pseudo)
    monkeypatch.setattr(trans_real, "translation", lambda language: pseudo)
    trans_real.deactivate()
    forget_texts()
    yield
    trans_real.deactivate()
    forget_texts()


@pytest.fixture
def site() -> Trend:
    """A trend with a part of each kind, all of whose texts are Greek."""
    trend = make_trend(
        tags=["strategy"],
        drivers=2,
        implications=2,
        timeline=2,
        mentions=2,
        assessments=2,
        reading=1,
    )
    make_trend("second-trend", tags=["strategy"])
    for model in apps.get_models():
        if issubclass(model, TextModel):
            for row in model._base_manager.all():
                for field in row.text_fields():
                    if getattr(row, field.attname) and longest_texts(model)[field.attname] > 35:
                        setattr(row, field.attname, f"λόγος {row.pk}")
                row.save()
    return trend


def outside(page: Element) -> list[str]:
    """Return what a page says that no catalogue gave."""
    said = [attribute for element in page.iter() for attribute in attributes(element)]
    # A text with links in it is in several pieces, between one pair of brackets.
    found = [unmarked(text) for text in said] + unmarked("\n".join(texts(page))).splitlines()
    found = [" ".join(NAMES.sub("", text).split()) for text in found]
    return sorted({text for text in found if re.search(r"[A-Za-z]{2}", text)})


def attributes(element: Element) -> Iterator[str]:
    for name in ATTRIBUTES:
        yield element.get(name) or ""
    if element.tag == "input" and element.get("type") in ("submit", "button"):
        yield element.get("value") or ""


def texts(element: Element) -> Iterator[str]:
    if element.tag not in ("script", "style", "code", "pre", "textarea", "template"):
        yield element.text or ""
        for child in element:
            yield from texts(child)
    yield element.tail or ""


def unmarked(text: str) -> str:
    """Return a text without what is in brackets."""
    depth, left = 0, ""
    for character in text:
        depth += character == OPEN
        left += character if depth == 0 else ""
        depth -= character == CLOSE
    assert depth == 0
    return left


READERS = [
    *("", "?view=time", "?status=declining", "?status=wrong", "a-z/", "trends/example-trend/"),
    *("tags/", "tags/strategy/", "experts/", "experts/mina-example/", "audiences/"),
    *("audiences/enterprises/", "sources/example-trend-driver-0/", "forecasts/", "changes/"),
    *("changes/?from=2026-13", "search/", "search/?q=λόγος", "search/?q=nothing", "nothing/"),
]


def of_page(response) -> list[str]:
    return outside(parse(response.content.decode()))


def test_pages_of_readers_have_no_text_outside_the_catalogue(client, site):
    found = {rest: of_page(client.get(f"/en/{rest}")) for rest in READERS}
    assert found == {rest: [] for rest in READERS}


@pytest.fixture
def editor(client):
    client.force_login(make_editor("συντάκτης"))
    return client


ADMIN = [
    *("", "account/", "password_change/", "trends/trend/", "trends/trend/add/"),
    *("trends/trend/{}/change/", "trends/trend/{}/history/", "trends/trend/{}/delete/"),
    *("trends/trend/translation-files/", "trends/trend/bin/", "trends/trend/forecasts-due/"),
    "trends/trend/import/",
    *("trends/trend/{}/preview/en/", "trends/audience/", "trends/audience/add/"),
    *("quotes/expert/", "quotes/expert/add/", "quotes/source/", "quotes/source/add/"),
    *("quotes/video/", "quotes/video/add/", "quotes/mention/", "quotes/mention/add/"),
    *("trendsite/tag/", "trendsite/tag/add/", "accounts/loginevent/"),
]


def test_pages_of_the_admin_have_no_text_outside_the_catalogue(editor, site):
    for rest in ADMIN:
        response = editor.get(f"/admin/{rest.format(site.pk)}", follow=True)
        assert (response.status_code, of_page(response)) == (200, []), rest


@pytest.mark.parametrize("title", ["ἄλλος", "\t"], ids=["proposal", "mistakes"])
def test_pages_of_an_import_have_no_text_outside_the_catalogue(editor, site, title):
    second = Trend.objects.get(slug="second-trend")
    text = export(second.slug).replace(f"λόγος {second.pk}", title)
    file = SimpleUploadedFile("λόγος.yaml", text.encode())
    response = editor.post("/admin/trends/trend/import/", {"file": file}, follow=True)
    assert ("proposal" in response.context) == (title != "\t")
    assert response.status_code == 200
    assert set(of_page(response)) <= {"λόγος.yaml"}


def test_page_of_a_merge_has_no_text_outside_the_catalogue(editor, site):
    kept, gone = Tag.objects.get(slug="strategy"), make_tag("other-tag", label_en="ἕτερος")
    address = f"/admin/trendsite/tag/{kept.pk}/merge/{gone.pk}/"
    response = editor.get(address)
    assert (response.status_code, of_page(response)) == (200, [])


def test_pages_of_actions_have_no_text_outside_the_catalogue(editor, site):
    chosen = list(Trend.objects.values_list("pk", flat=True))
    for action in ("submit", "publish", "retire", "retag"):
        data = {"action": f"{action}_selected", "_selected_action": chosen}
        response = editor.post("/admin/trends/trend/", data)
        assert (response.status_code, of_page(response)) == (200, []), action


FORMS = [
    *("trends/trend/{}/change/", "quotes/expert/add/", "quotes/source/add/", "quotes/video/add/"),
    *("quotes/mention/add/", "trendsite/tag/add/", "trends/audience/add/"),
]


def test_errors_of_forms_have_no_text_outside_the_catalogue(editor, site):
    for rest in FORMS:
        url = f"/admin/{rest.format(site.pk)}"
        data = filled(editor.get(url))
        wrong = {name: "\x01" for name in data if name.split("-")[-1] not in MANAGEMENT}
        response = send(editor, url, data, **wrong)
        assert (response.status_code, of_page(response)) == (200, []), rest


MANAGEMENT = {"TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS", "id", "began_with"}


def test_messages_of_a_save_have_no_text_outside_the_catalogue(editor, site):
    url = trend_url(site)
    response = editor.post(url, filled(editor.get(url)), follow=True)
    assert response.redirect_chain
    assert of_page(response) == []
