"""Tags: one row a key, whatever language is active when it is put on something."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import translation

from tests.support.make import make_mention, make_tag, make_trend
from trends.models import TaggedTrend, Trend
from trendsite.shared.models import Tag

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("first", ["en", "ja"])
@pytest.mark.parametrize("second", ["en", "ja"])
def test_a_tag_added_under_another_language_does_not_multiply(first, second):
    trend, mention = make_trend(), make_mention()
    with translation.override(first):
        make_tag("strategy")
        trend.tags.add("strategy")
        mention.tags.add("strategy")
    with translation.override(second):
        trend.tags.add("strategy")
        trend.tags.set(["strategy"])
        mention.tags.add("strategy")
        make_trend("other").tags.add("strategy")
    assert Tag.objects.count() == 1
    assert TaggedTrend.objects.filter(content_object=trend).count() == 1
    assert [tag.label_ja for tag in trend.tags.all()] == ["タグstrategy"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_tag_is_removed_under_any_language(language):
    trend = make_trend(tags=["strategy", "product"])
    with translation.override(language):
        trend.tags.remove("strategy")
    assert [tag.slug for tag in trend.tags.all()] == ["product"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_trends_are_found_by_a_tag_under_any_language(language):
    make_trend("one", tags=["strategy"])
    make_trend("two", tags=["product"])
    with translation.override(language):
        assert [trend.slug for trend in Trend.objects.filter(tags__slug="strategy")] == ["one"]
        assert [trend.slug for trend in Trend.objects.filter(tags__name="strategy")] == ["one"]


def test_a_tag_shows_its_label_in_the_readers_language():
    tag = make_tag("strategy")
    assert str(tag) == "strategy"
    with translation.override("ja"):
        assert str(tag) == "タグstrategy"


def test_a_label_that_is_missing_is_that_of_the_other_language():
    tag = make_tag("strategy", label_ja="戦略")
    assert str(tag) == "戦略"


def test_name_and_slug_are_one_key():
    assert Tag.objects.create(slug="open-source", label_en="open source").name == "open-source"
    assert Tag.objects.create(name="policy", label_en="policy").slug == "policy"
    with pytest.raises(IntegrityError, match="trendsite_tag_name_is_slug"), transaction.atomic():
        Tag.objects.update(name="other")


@pytest.mark.parametrize("slug", ["Strategy", "ＡＩ", "戦略", "a b", "-a", "a-", "a--b", "a_b", ""])
def test_a_key_is_lower_case_ascii(slug):
    with pytest.raises(ValidationError):
        Tag(slug=slug, label_en="x").full_clean()
    make_tag("strategy")
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.update(slug=slug, name=slug)


def test_a_tag_needs_a_label_in_some_language():
    with pytest.raises(ValidationError) as caught:
        Tag(slug="strategy").full_clean()
    assert caught.value.message_dict == {"label_en": ["Enter this in at least one language."]}
    with pytest.raises(IntegrityError, match="trendsite_tag_has_label"), transaction.atomic():
        Tag.objects.create(slug="strategy")


def test_a_tag_in_use_is_not_deleted():
    make_trend(tags=["strategy"])
    with pytest.raises(ProtectedError):
        Tag.objects.get().delete()
