"""States of translations: missing, stale, done."""

from itertools import count

import pytest
from django.db.models import OuterRef
from hypothesis import given
from hypothesis import strategies as st

from quotes.models import Mention
from tests.support.make import make_expert, make_mention, make_tag, make_trend
from trends.models import Driver, Trend
from trendsite.shared.translations.conditions import lacking, number_missing
from trendsite.shared.translations.models import TranslationState
from trendsite.shared.translations.states import states_of_rows
from trendsite.shared.translations.tracking import settled
from trendsite.shared.writes import Action, Origin, Provenance, writing

BY_HAND = Provenance(Origin.ADMIN)
CORRECTION = Provenance(Origin.ADMIN, is_correction=True)


def save(row, by=BY_HAND, **texts):
    """Save texts of a row as a person does."""
    with writing(by) as write:
        for name, text in texts.items():
            setattr(row, name, text)
        row.save()
        write.record(Action.CHANGED, row)


def state(row, field: str, language: str = "ja"):
    return next(s for s in states_of_rows([row], language) if s.field == field)


def statuses(row, language: str = "ja") -> dict[str, str]:
    return {s.field: s.status for s in states_of_rows([row], language)}


def numbers_missing(rows, language: str) -> list[int]:
    own = rows.model.objects.filter(pk=OuterRef("pk"))
    return list(
        rows.annotate(lacked=number_missing(own, language)).values_list("lacked", flat=True)
    )


# An edit: what it changes of the source, whether it changes the translation.
EDITS = st.lists(
    st.tuples(st.sampled_from(["", "meaning", "typo"]), st.booleans(), st.booleans()), max_size=8
)


@given(first=st.sampled_from(["en", "ja", "both"]), edits=EDITS)
def test_states_follow_any_sequence_of_edits(first, edits):
    """A translation is stale while it reflects an earlier meaning than its source has."""
    numbers = count()
    source, target = ("ja", "en") if first == "ja" else ("en", "ja")
    texts = {source: f"source {next(numbers)}"}
    known = []

    def change(after, *, is_correction=False):
        nonlocal texts, known
        after = {code: after[code] for code in ("en", "ja") if code in after}
        known = settled(texts, after, known, is_correction=is_correction)
        texts = after

    if first == "both":
        texts[target] = "translation"
        texts = {code: texts[code] for code in ("en", "ja")}
    else:
        change({**texts, target: "translation"})
    meaning = reflected = 0
    translated = texts[source]
    for of_source, of_target, correct_target in edits:
        after = dict(texts)
        if of_source:
            after[source] = f"source {next(numbers)}"
        if of_target:
            after[target] = f"translation {next(numbers)}"
        is_correction = of_source == "typo" or (not of_source and correct_target)
        if of_source == "meaning":
            if meaning == reflected:
                translated = texts[source]
            meaning += 1
        if of_target and not is_correction:
            reflected = meaning
        change(after, is_correction=is_correction)
        stale = [s for s in known if s.language == target and s.stale_since]
        assert bool(stale) == (meaning != reflected)
        if stale:
            assert stale[0].source_text == translated
            assert stale[0].source_language == source


def test_a_source_that_is_again_what_was_translated_leaves_nothing_stale():
    known = settled({"en": "a", "ja": "あ"}, {"en": "b", "ja": "あ"}, [])
    assert [s.source_text for s in known] == ["a"]
    assert settled({"en": "b", "ja": "あ"}, {"en": "a", "ja": "あ"}, known) == []


@pytest.mark.django_db
class TestRows:
    def test_a_change_of_meaning_makes_the_translation_stale(self):
        driver = make_trend(drivers=1).drivers.get()
        save(driver, body_en="Because of price.")
        found = state(driver, "body")
        assert (found.status, found.source_before, found.source) == (
            "stale",
            "Why 0.",
            "Because of price.",
        )
        assert statuses(driver) == {"heading": "done", "body": "stale"}
        assert statuses(driver, "en") == {}

    def test_a_correction_does_not(self):
        driver = make_trend(drivers=1).drivers.get()
        save(driver, CORRECTION, body_en="Why  zero.")
        assert statuses(driver)["body"] == "done"

    def test_neither_does_a_change_of_order(self):
        driver = make_trend(drivers=1).drivers.get()
        save(driver, order=7)
        assert not TranslationState.objects.exists()

    def test_a_change_past_the_door_counts_as_one_of_meaning(self):
        driver = make_trend(drivers=1).drivers.get()
        driver.body_en = "Otherwise."
        driver.save()
        assert statuses(driver)["body"] == "stale"

    def test_translating_anew_is_done(self):
        driver = make_trend(drivers=1).drivers.get()
        save(driver, body_en="Because of price.")
        save(driver, body_ja="価格のため。")
        assert statuses(driver)["body"] == "done"
        assert not TranslationState.objects.exists()

    def test_a_text_written_first_in_another_language_is_the_source(self):
        trend = make_trend(subtitle_en=None)
        assert state(trend, "subtitle", "en").source == "example-trendの副題"
        save(trend, subtitle_en="A subtitle")
        save(trend, subtitle_ja="別の副題")
        found = state(trend, "subtitle", "en")
        assert (found.status, found.source_language) == ("stale", "ja")
        assert "subtitle" not in statuses(trend, "ja")

    def test_original_words_are_what_a_mention_is_translated_from(self):
        mention = make_mention("It works.", language="en")
        save(mention, original="It never works.")
        assert state(mention, "translation").status == "stale"
        assert "translation" not in statuses(mention, "en")

    def test_what_goes_takes_its_states_along(self):
        trend = make_trend(drivers=2)
        for driver in trend.drivers.all():
            save(driver, body_en="Other.")
        assert TranslationState.objects.count() == 2
        Driver.objects.filter(order=0).delete()
        assert TranslationState.objects.count() == 1
        trend.delete()
        assert not TranslationState.objects.exists()

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"subtitle_ja": None}, "missing"),
            ({"subtitle_en": "Of the same words", "subtitle_ja": "Of the same words"}, "missing"),
            ({"subtitle_en": "GPT-5, 27%", "subtitle_ja": "GPT-5, 27%"}, "done"),
        ],
        ids=["no text", "copied words", "a name and a number"],
    )
    def test_missing_is_what_has_no_words_of_its_own(self, values, expected):
        trend = make_trend(**values)
        assert statuses(trend)["subtitle"] == expected
        is_lacking = Trend.objects.filter(lacking(Trend, "ja")).exists()
        assert is_lacking == (expected == "missing")
        assert numbers_missing(Trend.objects.all(), "ja") == [int(is_lacking)]

    def test_names_may_be_the_same(self):
        expert = make_expert(
            "mina",
            name_en="Mina of the north",
            name_ja="Mina of the north",
            role_en="head of the lab",
            role_ja="head of the lab",
        )
        assert statuses(expert) == {"name": "done", "role": "missing"}

    def test_the_database_says_the_same_as_the_rows(self):
        rows = [
            make_trend("t", mentions=2, drivers=2, subtitle_ja=None),
            *Driver.objects.all(),
            make_mention("Ein Wort.", language="de", translation_ja=None),
            make_mention("そうだ。", language="ja", occasion_en="In May", translation_ja=None),
            *Mention.objects.all(),
            make_tag("plain", label_en="plain words", label_ja="plain words"),
        ]
        for row in rows:
            for language in ("en", "ja"):
                expected = [s.status for s in states_of_rows([row], language)].count("missing")
                of_row = type(row).objects.filter(pk=row.pk)
                assert numbers_missing(of_row, language) == [expected], row
                assert of_row.filter(lacking(type(row), language)).exists() == bool(expected)
