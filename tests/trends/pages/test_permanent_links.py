"""Permanent links: what keeps them, what gives them up, and where they are used."""

import io
import random
from unittest import mock
from xml.etree.ElementTree import Element

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotes.models import Expert, Mention, Source, Video
from tests.support.cases import cases
from tests.support.editing import add_row, form_data, make_editor, send, trend_url
from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    WHOLE,
    changed,
    load,
    load_texts,
    refusal_of,
    snapshot,
    write,
)
from tests.support.make import date, make_audience, make_expert, make_mention, make_trend
from tests.support.reading import broken_anchors, by_id, read, words
from trends.models import Audience, Driver, Implication, TimelineEntry, Trend, TrendMention
from trendsite.shared.models import Tag
from trendsite.shared.permanent_keys import KeyedModel

pytestmark = pytest.mark.django_db

KEYED: list[type[KeyedModel]] = [Driver, Implication, TimelineEntry, Mention]


def keys(model: type[KeyedModel]) -> list[str]:
    return [row.key for row in model.objects.all()]


def pks(model: type[KeyedModel]) -> dict[str, int]:
    return dict(model.objects.values_list("key", "pk"))


def export(*slugs: str) -> str:
    out = io.StringIO()
    call_command("export_trends", *slugs, stdout=out)
    return out.getvalue()


def load_and_hear(folder, **files: str) -> list[str]:
    """What loaddata says beside its own count."""
    err = io.StringIO()
    call_command("loaddata", *write(folder, **files), stdout=io.StringIO(), stderr=err)
    return err.getvalue().replace(f"{folder}/", "").splitlines()


# A key is given once


def test_rows_get_keys_from_their_texts_when_they_are_first_saved():
    trend = make_trend()
    for heading in ("Prices fall", "Prices fall", "安くなる"):
        Driver.objects.create(
            trend=trend, heading_en=heading if heading.isascii() else None, heading_ja=heading
        )
    assert keys(Driver) == ["prices-fall", "prices-fall-2", "961eb559"]
    mention = make_mention("It works.", expert=make_expert("mina-example"))
    assert mention.key == "mina-example-" + mention.key[-6:]


def test_rows_made_in_bulk_get_theirs():
    trend, other = make_trend(drivers=1), make_trend("other")
    Driver.objects.bulk_create(
        Driver(trend=owner, heading_en="Driver 0") for owner in (trend, trend, other)
    )
    assert [(row.trend, row.key) for row in Driver.objects.order_by("pk")] == [
        (trend, "driver-0"),
        (trend, "driver-0-2"),
        (trend, "driver-0-3"),
        (other, "driver-0"),
    ]


def test_two_rows_of_a_trend_cannot_share_a_key():
    trend = make_trend(drivers=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        trend.drivers.update(key="same")
    with pytest.raises(IntegrityError), transaction.atomic():
        trend.drivers.filter(order=0).update(key="Not a key")


def test_a_driver_called_as_a_numbered_one_does_not_take_its_key():
    trend = make_trend()
    for heading in ("Foo 2", "Foo", "Foo"):
        Driver.objects.create(trend=trend, heading_en=heading)
    assert keys(Driver) == ["foo-2", "foo", "foo-3"]


# The admin


def test_an_editor_changes_texts_and_order_and_every_link_stays(client):
    trend = make_trend(drivers=3, implications=2, timeline=2, mentions=1)
    client.force_login(make_editor())
    before = {model: pks(model) for model in KEYED}
    data = form_data(client, trend_url(trend))
    for prefix, field in (("drivers", "heading"), ("implications", "lead"), ("timeline", "text")):
        data[f"{prefix}-0-{field}_en"] = "Written anew"
        data[f"{prefix}-1-{field}_en"] = ""
    data["drivers-0-order"], data["drivers-2-order"] = "3", "1"
    add_row(data, "drivers", heading_en="Driver 0", heading_ja="")
    assert send(client, trend_url(trend), data).status_code == 302
    assert [row.heading_en for row in Driver.objects.all()] == [
        "Driver 2",
        None,
        "Written anew",
        "Driver 0",
    ]
    assert pks(Driver) == before[Driver] | {"driver-0-2": Driver.objects.latest("pk").pk}
    assert {model: pks(model) for model in KEYED[1:]} == {
        model: before[model] for model in KEYED[1:]
    }


def test_an_editor_corrects_words_and_their_link_stays(client):
    mention = make_mention("It wroks.")
    client.force_login(make_editor())
    address = f"/admin/quotes/mention/{mention.pk}/change/"
    data = form_data(client, address)
    assert "key" not in data
    assert send(client, address, data, original="It works.").status_code == 302
    assert Mention.objects.values_list("original", "key").get() == ("It works.", mention.key)


# Files


def test_a_file_gives_the_keys_that_follow_from_its_texts(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    assert keys(Driver) == ["first", "second"]
    assert keys(Implication) == ["buy", "wait", "measure"]
    assert keys(TimelineEntry) == ["it-began", "it-will-grow", "the-rules-apply"]
    assert "key:" not in export()


def test_a_key_in_a_file_keeps_the_row_whatever_else_is_said_of_it(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    before = {model: pks(model) for model in KEYED}
    mention = Mention.objects.get(expert__slug="mina-example")
    text = changed(
        WHOLE,
        ("- heading: {en: First,", "- key: first\n        heading: {en: Written anew,"),
        ("- lead: {en: Wait,", "- key: wait\n            lead: {en: Do not wait,"),
        ("{en: It will grow.,", "{en: It was to grow.,"),
        ("- date: 2026\n", "- date: 2026\n        key: it-will-grow\n"),
        (
            'original: "Yes: it works."',
            f'key: {mention.key}\n        original: "Yes, it works."',
        ),
    )
    assert load_and_hear(tmp_path, whole=text) == []
    assert {model: pks(model) for model in KEYED} == before
    mention.refresh_from_db()
    assert mention.original == "Yes, it works."
    load_texts(tmp_path, whole=(written := export("whole")))
    assert export("whole") == written
    assert [line.strip() for line in written.splitlines() if "key:" in line] == [
        "- key: first",
        f"- key: {mention.key}",
        "- key: wait",
        "- key: it-will-grow",
    ]


def test_a_link_that_a_file_lets_go_is_named_with_the_cure(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    key = Mention.objects.get(expert__slug="ken-example").key
    text = changed(WHOLE, ("{en: First,", "{en: Other,"), ("original: はい。", "original: ええ。"))
    heard = load_and_hear(tmp_path, whole=text)
    assert heard == [
        f"whole.yaml: nothing on “whole” is at “#{kind}-{key}” any more; if it is there in other "
        f"words, write “key: {key}” beside it to keep its links"
        for kind, key in (("driver", "first"), ("quotation", key))
    ]
    assert keys(Driver) == ["other", "second"]
    assert load_and_hear(tmp_path, whole=text) == []


def test_nothing_is_said_where_nobody_listens(tmp_path, capsys):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    load_texts(tmp_path, whole=changed(WHOLE, ("{en: First,", "{en: Other,")))
    assert capsys.readouterr() == ("", "")


def test_a_database_depends_on_the_file_alone(tmp_path):
    """What an editor's row has kept, the next file without its key lets go."""
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    Driver.objects.filter(key="first").update(heading_en="Other", key="kept")
    load_texts(tmp_path, whole=changed(WHOLE, ("{en: First,", "{en: Other,")))
    assert keys(Driver) == ["other", "second"]


def test_rows_may_exchange_their_keys(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    headings = {row.key: row.pk for row in Driver.objects.all()}
    first, second = Mention.objects.order_by("pk")
    load_texts(
        tmp_path,
        whole=changed(
            WHOLE,
            ("- heading: {en: First,", "- key: second\n        heading: {en: First,"),
            ("- heading: {en: Second,", "- key: first\n        heading: {en: Second,"),
            ("- expert: mina-example", f"- key: {second.key}\n        expert: mina-example"),
            ("- expert: ken-example", f"- key: {first.key}\n        expert: ken-example"),
            (f"quotation: {first.key}", f"quotation: {second.key}"),
        ),
    )
    assert pks(Driver) == headings
    assert keys(Driver) == ["second", "first"]
    assert {row.pk: row.key for row in Mention.objects.all()} == {
        first.pk: second.key,
        second.pk: first.key,
    }


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "- heading: {en: Second,",
            "- key: No key\n        heading: {en: Second,",
            "a.yaml:27: drivers[1].key: Enter lower-case letters a–z and digits, "
            "with single hyphens between words.",
        ),
        (
            "- lead: {en: Measure,",
            f"- key: {'k' * 61}\n            lead: {{en: Measure,",
            "a.yaml:57: implications[1].points[0].key: Ensure this value has at most 60 "
            "characters (it has 61).",
        ),
        (
            "- date: 2026\n",
            "- date: 2026\n        key: [one]\n",
            "a.yaml:60: timeline[0].key: write a single text here, not a list or a mapping",
        ),
    ],
    ids=["a malformed key", "a long key", "no text"],
)
def test_a_key_that_is_none_is_refused(tmp_path, old, new, line):
    assert refusal_of(tmp_path, changed(WHOLE, (old, new))) == [line]


def test_a_key_stands_once_in_a_file(tmp_path):
    text = changed(
        WHOLE,
        ("- heading: {en: First,", "- key: same\n        heading: {en: First,"),
        ("- heading: {en: Second,", "- key: same\n        heading: {en: Second,"),
        ("- lead: {en: Buy,", "- key: same\n            lead: {en: Buy,"),
    )
    assert refusal_of(tmp_path, text) == ["a.yaml:28: drivers[1].key: “same” is already on line 24"]


def test_a_file_cannot_take_the_key_of_a_quotation_elsewhere(tmp_path):
    mention = make_mention("It works.", expert=make_expert("ken-example"))
    TrendMention.objects.create(trend=make_trend("other"), mention=mention)
    text = changed(
        WHOLE,
        ("- expert: mina-example", f"- key: {mention.key}\n        expert: mina-example"),
        ("quotation: mina-example-87d79b", f"quotation: {mention.key}"),
    )
    (line,) = refusal_of(tmp_path, text)
    assert line == (
        f"a.yaml:29: mentions[0].key: “{mention.key}” is the key of another quotation, "
        "of “ken-example”"
    )


def test_files_agree_on_the_key_of_a_quotation(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    other = changed(
        WHOLE,
        ("trend: whole", "trend: other"),
        ("- expert: ken-example", "- key: yes\n        expert: ken-example"),
    )
    paths = write(tmp_path, a=WHOLE, b=other)
    with pytest.raises(Exception, match="describes this differently; the two must match"):
        load(*paths)
    same = changed(WHOLE, ("- expert: ken-example", "- key: yes\n        expert: ken-example"))
    load_texts(tmp_path, a=same, b=other)
    assert set(keys(Mention)) >= {"yes"}


def test_words_that_change_on_two_trends_stay_one_quotation(tmp_path):
    other = changed(WHOLE, ("trend: whole", "trend: other"))
    load_texts(tmp_path, vocabulary=VOCABULARY, a=WHOLE, b=other)
    mention = Mention.objects.get(expert__slug="ken-example")
    new = ("original: はい。", f"key: {mention.key}\n        original: ええ。")
    heard = load_and_hear(tmp_path, a=changed(WHOLE, new), b=changed(other, new))
    assert heard == []
    assert Mention.objects.get(expert__slug="ken-example").pk == mention.pk
    assert Mention.objects.count() == 2


def test_a_quotation_can_take_the_key_of_one_that_leaves(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, a=WHOLE)
    leaving = Mention.objects.get(expert__slug="ken-example")
    TrendMention.objects.create(
        trend=make_trend("other"),
        mention=make_mention("ええ。", language="ja", expert=leaving.expert, translation_ja=None),
    )
    load_texts(
        tmp_path,
        a=changed(WHOLE, ("original: はい。", f"key: {leaving.key}\n        original: ええ。")),
    )
    assert Mention.objects.get(key=leaving.key).original == "ええ。"
    assert not Mention.objects.filter(pk=leaving.pk).exists()


def test_digests_that_agree_by_chance_are_numbered_and_come_back(tmp_path):
    with mock.patch("trendsite.shared.permanent_keys.digest", return_value="abcdef"):
        load_texts(tmp_path, vocabulary=VOCABULARY, minimal=MINIMAL)
        trend = Trend.objects.get()
        for n in range(3):
            TrendMention.objects.create(
                trend=trend,
                order=3 - n,
                mention=make_mention(f"Words {n}.", expert=Expert.objects.get(slug="ken-example")),
            )
        expected = {"ken-example-abcdef", "ken-example-abcdef-2", "ken-example-abcdef-3"}
        assert set(keys(Mention)) == expected
        before = dict(Mention.objects.values_list("original", "key"))
        written = export("minimal")
        load_texts(tmp_path, minimal=written)
        assert dict(Mention.objects.values_list("original", "key")) == before
        Trend.objects.all().delete()
        Mention.objects.all().delete()
        load_texts(tmp_path, minimal=written)
        assert dict(Mention.objects.values_list("original", "key")) == before
        assert export("minimal") == written


# Whatever is done to them, they come back

HEADINGS = ["Foo", "Foo", "Foo 2", "Bar", "日本語", "日本語", "2026", "Foo bar"]


def all_keys() -> dict[str, set[tuple]]:
    """Each row's key with its text and trend, however its table is ordered."""
    return {
        "drivers": set(Driver.objects.values_list("trend__slug", "heading_en", "order", "key")),
        "points": set(Implication.objects.values_list("trend__slug", "lead_en", "text_en", "key")),
        "timeline": set(TimelineEntry.objects.values_list("trend__slug", "note_en", "key")),
        "mentions": set(Mention.objects.values_list("original", "key")),
    }


@settings(
    max_examples=cases(2),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(), edits=st.lists(st.sampled_from(HEADINGS), max_size=6))
def test_reordered_edited_exported_and_loaded_into_an_empty_database_every_key_stays(
    tmp_path_factory, seed, edits
):
    folder = tmp_path_factory.mktemp("keys")
    chance = random.Random(seed)
    for model in (Trend, Mention, Video, Source, Expert, Tag, Audience):
        model.objects.all().delete()
    trend = make_trend(drivers=0, mentions=3)
    for n, heading in enumerate(chance.sample(HEADINGS, 6)):
        Driver.objects.create(trend=trend, order=n, heading_en=heading)
        audience = make_audience(["enterprises", "researchers"][n % 2])
        Implication.objects.create(
            trend=trend, audience=audience, order=n, lead_en=heading, text_en=str(n)
        )
        when = date(str(2000 + chance.randrange(3)))
        TimelineEntry.objects.create(trend=trend, date=when, text_en=heading, note_en=str(n))
    rows = [*Driver.objects.all(), *Implication.objects.all(), *TimelineEntry.objects.all()]
    for heading in edits:
        row = chance.choice(rows)
        setattr(row, f"{row.key_text}_en", heading)
        row.save()
    for model in (Driver, Implication, TrendMention):
        for place, row in enumerate(
            chance.sample(list(model.objects.all()), model.objects.count())
        ):
            model.objects.filter(pk=row.pk).update(order=place)
    for row in TimelineEntry.objects.all():
        row.date = date(str(2000 + chance.randrange(3)))
        row.save()
    before = all_keys()
    call_command("export_trends", output=folder, verbosity=0)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    for model in (Trend, Mention, Video, Source, Expert, Tag, Audience):
        model.objects.all().delete()
    load(*sorted(folder.glob("*.yaml")))
    # An export closes the gaps between audiences, so the order alone may differ.
    assert all_keys() == before
    call_command("export_trends", output=folder, verbosity=0)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    unchanged = snapshot()
    load(*sorted(folder.glob("*.yaml")))
    assert snapshot() == unchanged


# The pages


def permanent_links(page) -> list[Element]:
    return [link for link in page.iter("a") if words(link) == "¶"]


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        (
            "en",
            ["driver", "point", "quotation", "event", "forecast", "assessment"],
        ),
        ("ja", ["要因", "影響", "発言", "出来事", "予測", "評価"]),
    ],
)
def test_each_item_has_an_id_and_a_link_to_itself(client, language, labels):
    trend = make_trend(drivers=1, implications=1, timeline=1, mentions=1, assessments=1)
    TimelineEntry.objects.create(
        trend=trend, date=date("2030"), text_en="It will.", kind="forecast", outcome="pending"
    )
    page = read(client, f"/{language}/trends/example-trend/")
    links = permanent_links(page)
    mention = Mention.objects.get()
    assert [link.get("href") for link in links] == [
        "#driver-driver-0",
        "#point-lead-0",
        f"#quotation-{mention.key}",
        "#event-event-0",
        "#event-it-will",
        "#assessment-2000-05-01",
    ]
    template = {"en": "Link to this {}", "ja": "この{}へのリンク"}[language]
    assert [link.get("aria-label") for link in links] == [
        template.format(label) for label in labels
    ]
    assert broken_anchors(page) == []
    assert "Words 0" in words(by_id(page, mention.anchor))
    assert by_id(page, mention.anchor).tag == "figure"


def test_a_card_elsewhere_has_no_link_to_itself(client):
    make_trend(mentions=1)
    page = read(client, "/en/experts/mina-example/")
    assert permanent_links(page) == []
    assert f"/en/trends/example-trend/#{Mention.objects.get().anchor}" in [
        link.get("href") for link in page.iter("a")
    ]


@pytest.mark.searched
def test_search_finds_a_driver_at_its_link(client):
    trend = make_trend(drivers=2)
    driver = trend.drivers.first()
    driver.body_en = "Turbines hum."
    driver.save()
    page = read(client, "/en/search/?q=turbines")
    assert "/en/trends/example-trend/#driver-driver-0" in [
        link.get("href") for link in page.iter("a")
    ]
