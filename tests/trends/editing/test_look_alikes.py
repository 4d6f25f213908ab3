"""Labels that read the same are pointed out, but taken: two people may share a name."""

import io

import pytest
from django.core.management import call_command

from quotes.models import Expert
from tests.support.editing import errors, form_data, make_editor, send
from tests.support.loading import write
from tests.support.make import make_audience, make_expert, make_tag
from tests.support.reading import read, words
from trendsite.shared.models import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


@pytest.mark.parametrize(
    ("model", "make", "values"),
    [
        (
            "trendsite/tag",
            lambda: make_tag("machine-learning", label_en="Machine learning"),
            {"slug": "ml", "label_en": "machine Lear\u00adning "},
        ),
        (
            "trends/audience",
            lambda: make_audience("it-teams", label_ja="ＩＴチーム"),
            {"slug": "it", "label_ja": "IT チーム"},
        ),
        (
            "quotes/expert",
            lambda: make_expert("mina-example", name_en="Mina Example"),
            {"slug": "mina", "name_en": "MINA  EXAMPLE"},
        ),
    ],
)
def test_a_label_that_is_there_is_pointed_out_and_saved(client, model, make, values):
    other = make()
    url = f"/admin/{model}/add/"
    response = send(client, url, form_data(client, url), **values)
    assert response.status_code == 302, errors(response)
    saved = type(other).objects.get(slug=values["slug"])
    note = f"Probably the same as {other} ({other.slug})."
    address = f"/admin/{model}/{saved.pk}/change/"
    page = read(client, address)
    assert [words(warning) for warning in page.iter("li") if warning.get("class") == "warning"] == [
        note
    ]
    beside = [words(text) for text in page.iter("div") if "help" in (text.get("class") or "")]
    assert note in beside
    assert f"/admin/{model}/{other.pk}/change/" in {link.get("href") for link in page.iter("a")}


def test_other_labels_are_not_pointed_out(client):
    make_tag("a", label_en="Agent", label_ja="代理")
    url = "/admin/trendsite/tag/add/"
    form = form_data(client, url)
    send(client, url, form, slug="b", label_en="Agents", label_ja="Agent")
    page = client.get(f"/admin/trendsite/tag/{Tag.objects.get(slug='b').pk}/change/")
    assert "Probably the same" not in page.content.decode()


def test_a_file_is_loaded_with_a_notice(tmp_path):
    make_tag("ai", label_en="AI")
    vocabulary = """
    tags:
      ai: {en: AI}
      a-i: {en: ａｉ}
    experts:
      mina: {name: {en: Mina Example}}
      mina-example: {name: {en: mina example}}
    """
    notices = io.StringIO()
    paths = write(tmp_path, a=vocabulary)
    call_command("loaddata", *paths, stdout=io.StringIO(), stderr=notices)
    lines = [line.partition("a.yaml, ")[2] for line in notices.getvalue().splitlines()]
    assert lines == [
        "line 3: “a-i” is probably the same as “ai”: both are “ａｉ”",
        "line 6: “mina-example” is probably the same as “mina”: both are “mina example”",
    ]
    assert Expert.objects.count() == 2
    again = io.StringIO()
    call_command("loaddata", *paths, stdout=io.StringIO(), stderr=again)
    assert again.getvalue() == ""
