import pytest
from django.core.exceptions import ValidationError

from trendsite.shared.slugs import SlugField, SlugFormField, free_slug


@pytest.mark.parametrize(
    ("taken", "slug"),
    [([], "a"), (["b"], "a"), (["a"], "a-2"), (["a", "a-2", "a-4"], "a-3"), (["a-2"], "a")],
)
def test_a_taken_slug_gets_the_next_free_number(taken, slug):
    assert free_slug("a", taken) == slug


@pytest.mark.parametrize("value", ["A", "a_b", "-a", "a-", "a--b", "日本", "a b", "a\n"])
def test_a_slug_that_addresses_cannot_hold_is_refused_with_one_message(value):
    for field in (SlugField(), SlugFormField(strip=False)):
        with pytest.raises(ValidationError) as caught:
            field.run_validators(value)
        assert caught.value.messages == [
            "Enter lower-case letters a–z and digits, with single hyphens between words."
        ]
