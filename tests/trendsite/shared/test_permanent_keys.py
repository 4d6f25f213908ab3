"""Keys out of texts, and what of them must be written beside the texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.texts import AWKWARD, texts
from trendsite.shared.permanent_keys import (
    KEY_LENGTH,
    PermanentKeyField,
    key_of_texts,
    key_of_words,
    numbered,
    to_be_given,
)

is_key = PermanentKeyField().run_validators


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Smaller models and better hardware", "smaller-models-and-better-hardware"),
        (
            "Models come close to a commodity: prices fall",
            "models-come-close-to-a-commodity-prices",
        ),
        ("x" * 60, "x" * 40),
        ("GPT‑5’s price — in US$ / token", "gpt-5s-price-in-us-token"),
        ("Café, Smørrebrød, Łódź", "cafe-smrrebrd-odz"),
        ("ＡＩが2026年に", "ai-2026"),
        ("**Bold** _claims_", "bold-claims"),
        ("訓練より応用", "4d7ed056"),
        ("。", "eb0d5884"),
    ],
)
def test_a_text_gives_this_key_for_ever(text, key):
    """Addresses and fixtures rest on these: what changes one of them breaks them."""
    assert key_of_texts([text]) == key


def test_words_give_this_key_for_ever():
    assert key_of_words("sam-altman", "It is not a training problem.") == "sam-altman-113e5a"


def test_the_first_language_that_gives_words_in_ascii_gives_the_key():
    assert key_of_texts([None, "訓練より応用"]) == key_of_texts(["訓練より応用"])
    assert key_of_texts(["訓練", "Training"]) == "training"
    assert key_of_texts(["Training", "応用"]) == key_of_texts(["  Training\r\n", None])


@given(text=texts(), owner=st.from_regex(r"\A[a-z0-9]{1,20}(-[a-z0-9]{1,20}){0,3}\Z"))
def test_whatever_is_said_gives_a_key(text, owner):
    is_key(key_of_texts([text]))
    is_key(key_of_words(owner, text) + "-12")


def test_awkward_texts_give_keys_with_room_for_a_number():
    for text in AWKWARD:
        is_key(key_of_texts([text]))
        assert len(key_of_texts([text])) <= KEY_LENGTH - 20


def test_ties_are_numbered_in_order_around_what_is_given():
    assert numbered(["", "", ""], ["a", "a", "a-2"]) == ["a", "a-2", "a-2-2"]
    assert numbered(["", "", "a"], ["a", "a", "b"]) == ["a-2", "a-3", "a"]
    assert numbered([""], ["a"], taken=["a", "a-2"]) == ["a-3"]


KEYS = st.sampled_from(["a", "a-2", "a-3", "a-2-2", "b", "b-2", "c"])


@given(data=st.data(), keys=st.lists(KEYS, unique=True))
def test_what_is_given_brings_back_every_key(data, keys):
    derived = data.draw(st.lists(KEYS, min_size=len(keys), max_size=len(keys)))
    given = to_be_given(keys, derived)
    assert numbered(given, derived) == keys
    # Nothing is given where the texts alone would do.
    if numbered([""] * len(keys), derived) == keys:
        assert not any(given)
