"""Files for the tools of translators: out, looked at, and in."""

import io

import polib
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.support.editing import make_editor, make_staff
from tests.support.loading import snapshot
from tests.support.make import make_source, make_trend
from trends.editing.translating.exchange.importing import problems_of, propose
from trends.editing.translating.exchange.po import read_po, write_po
from trends.editing.translating.exchange.translation_files import (
    MOST_BYTES,
    ExchangedText,
    TranslationFile,
    exported,
    read_file,
)
from trends.editing.translating.exchange.xliff import read_xliff, write_xliff
from trends.models import Trend
from trendsite.shared.translations.models import TranslationState
from trendsite.shared.translations.states import states_of_rows

PAGE = "/admin/trends/trend/translation-files/"
FORMATS = {"xlf": (write_xliff, read_xliff), "po": (write_po, read_po)}
every_format = pytest.mark.parametrize("ending", FORMATS)

SHIFT = "From **this**, see [the report](https://example.org/a):\n\n- one\n- two[^report]\n"


@pytest.fixture
def trend(client) -> Trend:
    client.force_login(make_editor())
    source = make_source("report")
    trend = make_trend(
        drivers=1, mentions=1, shift_en=SHIFT, shift_ja=None, tags=["strategy"], subtitle_ja=None
    )
    trend.shift_sources.add(source)
    driver = trend.drivers.get()
    driver.body_en = "Why, since 2025."
    driver.save()
    return trend


def file_of(trend, ending, **targets) -> bytes:
    """The file of a trend as a translator gives it back."""
    write, _read = FORMATS[ending]
    file = exported([trend.pk], "ja")
    texts = [
        ExchangedText(t.slug, t.name, t.source, targets.get(t.name, t.target), t.name in targets)
        for t in file.texts
    ]
    return write(TranslationFile("ja", texts))


def upload(client, content: bytes, name: str):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def confirm(client, response):
    form = response.context["to_confirm"].initial
    data = {"name": form["name"], "content": form["content"], "_import": "on"}
    return client.post(PAGE, data, follow=True)


@pytest.mark.django_db
@every_format
def test_what_is_written_is_read_again(trend, ending):
    write, read = FORMATS[ending]
    file = exported([trend.pk], "ja", shows_all=True)
    assert len(file.texts) > 8
    again = read(write(file))
    assert again.language == "ja"
    before = [(t.slug, t.name, t.source, t.target) for t in file.texts]
    assert [(t.slug, t.name, t.source, t.target) for t in again.texts] == before
    proposed = propose(again)
    assert (proposed.changes, proposed.refused) == ([], [])


LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")) | st.just("\n"),
    min_size=1,
    max_size=60,
)


@every_format
@given(source=LINES, target=LINES)
def test_no_text_is_lost_on_the_way(ending, source, target):
    write, read = FORMATS[ending]
    text = ExchangedText("a-trend", "driver.x.body", source, target, True, heading="Driver")
    (found,) = read(write(TranslationFile("ja", [text]))).texts
    assert (found.source, found.target) == (source, target)


@pytest.mark.django_db
def test_files_say_what_needs_work_and_what_was_translated(trend):
    root = etree.fromstring(write_xliff(exported([trend.pk], "ja")))
    namespace = {"x": root.nsmap[None]}
    assert (root.get("srcLang"), root.get("trgLang")) == ("en", "ja")
    units = {u.get("name"): u for u in root.iterfind(".//x:unit", namespace)}
    driver = f"driver.{trend.drivers.get().key}.body"
    assert list(units) == ["trend.subtitle", "trend.shift", driver]
    assert units[driver].findtext(".//x:note[@category='source-as-translated']", None, namespace)
    po = polib.pofile(write_po(exported([trend.pk], "ja")).decode())
    entry = po.find(f"example-trend|{driver}", by="msgctxt")
    assert (entry.fuzzy, entry.previous_msgid, entry.msgid) == (True, "Why 0.", "Why, since 2025.")


@pytest.mark.django_db
@every_format
def test_a_file_is_looked_at_and_then_saved(client, trend, ending):
    driver = f"driver.{trend.drivers.get().key}.body"
    targets = {
        "trend.subtitle": "副題",
        "trend.shift": "これまで、[報告](https://example.org/a)を参照：\n\n- 1\n- 2[^report]",
        driver: "2025年から。",
    }
    before = snapshot("trends.Trend", "trends.Driver")
    shown = upload(client, file_of(trend, ending, **targets), f"ja.{ending}")
    assert len(shown.context["proposed"].changes) == 3
    assert "2025年から。" in "".join(shown.content.decode().replace("<ins>", "").split("</ins>"))
    assert snapshot("trends.Trend", "trends.Driver") == before
    assert "3 texts were saved." in confirm(client, shown).content.decode()
    trend.refresh_from_db()
    assert (trend.subtitle_ja, trend.shift_ja) == ("副題", targets["trend.shift"])
    assert not TranslationState.objects.exists()


@pytest.mark.django_db
def test_a_stale_text_that_is_finished_as_it_is_is_still_right(client, trend):
    driver = f"driver.{trend.drivers.get().key}.body"
    shown = upload(client, file_of(trend, "po", **{driver: "理由0。"}), "ja.po")
    (change,) = shown.context["proposed"].changes
    assert change.is_still_right
    confirm(client, shown)
    assert not TranslationState.objects.exists()


@pytest.mark.django_db
def test_a_translation_of_an_older_source_is_saved_and_stale(client, trend):
    content = file_of(trend, "xlf", **{"trend.subtitle": "副題"})
    trend.subtitle_en = "Another subtitle"
    trend.save()
    shown = upload(client, content, "ja.xlf")
    (change,) = shown.context["proposed"].changes
    assert change.is_of_older_source
    confirm(client, shown)
    trend.refresh_from_db()
    state = next(s for s in states_of_rows([trend], "ja") if s.field == "subtitle")
    assert (state.text, state.status) == ("副題", "stale")
    assert state.source_before == "Subtitle of example-trend"


@pytest.mark.django_db
def test_lost_links_and_structure_are_refused_by_name(client, trend):
    content = file_of(
        trend, "xlf", **{"trend.shift": "これまで。\n\n- 1", "trend.subtitle": "副題"}
    )
    shown = upload(client, content, "ja.xlf")
    (refused,) = shown.context["proposed"].refused
    assert refused.heading == "example-trend: The shift"
    assert sorted(refused.problems) == [
        "Missing: items of lists (1).",
        "The link to https://example.org/a is missing.",
        "The mark “[^report]” is missing.",
    ]
    confirm(client, shown)
    trend.refresh_from_db()
    assert (trend.subtitle_ja, trend.shift_ja) == ("副題", None)


@pytest.mark.parametrize(
    ("field", "source", "target", "problem"),
    [
        ("body", "# A\n\nB", "A\n\nB", "Missing: headings (1)."),
        ("body", "A `code`", "A", "The code “code” is missing."),
        ("body", "A", "[A](https://evil.example/)", "is not in the source"),
        ("text", "See https://example.org/a.", "参照。", "https://example.org/a is missing"),
        ("key_points", "One\nTwo", "一つ", "The number of lines"),
    ],
)
def test_problems_of_a_translation(field, source, target, problem):
    (found,) = problems_of(field, source, target)
    assert problem in found
    assert problems_of(field, source, source) == []


XLIFF = (
    '<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="ja">'
)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"x", "ends in .xlf"),
        ("a.xlf", b"<xliff", "The file is no XML"),
        ("a.xlf", b"<tmx/>", "The file is no XLIFF 2.0"),
        (
            "a.xlf",
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            + XLIFF.encode()
            + b"</xliff>",
            "DOCTYPE",
        ),
        (
            "a.xlf",
            XLIFF.encode()
            + b'<file id="f"><unit id="u" name="n"><segment><source>a<ph id="1"/></source>'
            + b"</segment></unit></file></xliff>",
            "the element <ph> is not known",
        ),
        ("a.xlf", XLIFF.replace('"ja"', '"de"').encode() + b"</xliff>", "no language of this site"),
        ("a.po", b"/etc/passwd", "The file is no PO"),
        ("a.po", b'msgid "a\nmsgstr', "The file is no PO"),
        ("a.po", 'msgid "é"\n'.encode("latin-1"), "not UTF-8"),
        ("a.po", b"msgid\n" * MOST_BYTES, "larger than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_are_none_are_refused(name, content, message):
    with pytest.raises(ValidationError) as caught:
        read_file(name, content)
    assert message in " ".join(caught.value.messages)


def test_entities_are_neither_fetched_nor_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    with pytest.raises(ValidationError):
        read_file("a.xlf", f"{bomb}]>{XLIFF}<file>&j;</file></xliff>".encode())


def test_segments_and_marks_of_a_tool_are_joined():
    content = (
        XLIFF + '<file id="f" original="t"><unit id="u" name="n">'
        '<segment state="final"><source>A. </source><target>あ。</target></segment>'
        "<ignorable><source> </source></ignorable>"
        '<segment state="final"><source>B.</source>'
        '<target><mrk id="m">い</mrk>。</target></segment>'
        "</unit></file></xliff>"
    )
    (text,) = read_file("a.xlf", content.encode()).texts
    assert (text.source, text.target, text.is_done) == ("A.  B.", "あ。 い。", True)


@pytest.mark.django_db
@every_format
def test_the_page_writes_a_file_of_the_chosen_trends(client, trend, ending):
    other = make_trend("other", subtitle_ja=None)
    data = {"action": "files_for_translators", "_selected_action": [other.pk]}
    response = client.post("/admin/trends/trend/", data)
    assert response["Location"] == f"{PAGE}?trends={other.pk}"
    page = client.get(response["Location"])
    assert "Title of other" in page.content.decode()
    query = {"trends": other.pk, "language": "ja", "format": ending}
    written = client.get(PAGE, query)
    assert written["Content-Disposition"] == f'attachment; filename="trends-ja.{ending}"'
    found = read_file(f"a.{ending}", written.content)
    assert [(text.slug, text.name) for text in found.texts] == [("other", "trend.subtitle")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["?trends=x,9999999999999999999999", "?language=xx&format=po", "?language=ja&format=exe"],
)
def test_an_odd_address_is_no_error(client, trend, query):
    assert client.get(PAGE + query).status_code == 200


@pytest.mark.django_db
def test_no_file_is_told_beside_the_field(client, trend):
    assert "Choose a file." in client.post(PAGE, {}).content.decode()


@pytest.mark.django_db
def test_whoever_may_not_change_trends_changes_none(client, trend):
    content = file_of(trend, "po", **{"trend.subtitle": "副題"})
    client.force_login(make_staff("view_trend"))
    shown = upload(client, content, "ja.po")
    assert [item.problems for item in shown.context["proposed"].refused] == [
        ["You may not change this text."]
    ]
    client.post(PAGE, {"name": "ja.po", "content": content.decode(), "_import": "on"})
    assert Trend.objects.get().subtitle_ja is None
    client.force_login(make_staff("view_tag", username="nobody"))
    assert client.get(PAGE).status_code == 403


@pytest.mark.django_db
@every_format
def test_commands_write_check_and_read(trend, tmp_path, ending):
    path = tmp_path / f"ja.{ending}"
    kind = {"xlf": "xliff", "po": "po"}[ending]
    call_command("export_translations", "ja", "example-trend", format=kind, output=path)
    path.write_bytes(file_of(trend, ending, **{"trend.subtitle": "副題"}))
    for options, expected in (({"check": True}, None), ({}, "副題")):
        out = io.StringIO()
        call_command("import_translations", path, stdout=out, **options)
        assert out.getvalue().startswith("example-trend: Subtitle\n1 texts w")
        assert Trend.objects.get().subtitle_ja == expected
    path.write_bytes(file_of(trend, ending, **{"trend.shift": "訳"}))
    with pytest.raises(CommandError, match=r"Nothing was saved\.\nexample-trend: The shift: "):
        call_command("import_translations", path)
