"""Codes of languages: the real ones, what was probably meant, and how each is written."""

import pytest
from django.core.checks import Error
from django.core.exceptions import ValidationError
from django.utils import translation
from PIL import features

from trendsite.shared.checks import check_languages
from trendsite.shared.language_codes import check_language_code, direction_of


@pytest.mark.parametrize(
    "code", ["en", "ja", "zh-Hant", "zh-hant", "pt-BR", "sr-Latn", "fil", "cmn", "mul", "ar-EG"]
)
def test_codes_of_the_registry_are_taken(code):
    check_language_code(code)


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("jp", "ja"),
        ("cn", "zh"),
        ("ua", "uk"),
        ("dk", "da"),
        ("gr", "el"),
        ("EN", "en"),
        ("zh_CN", "zh-CN"),
        ("jpn", "ja"),
        ("ger", "de"),
        ("Japanese", "ja"),
        ("日本語", "ja"),
    ],
)
def test_of_other_codes_it_says_what_was_probably_meant(code, meant):
    with pytest.raises(ValidationError) as caught:
        check_language_code(code)
    assert caught.value.messages == [f"“{code}” is not a language code; did you mean “{meant}”?"]
    with translation.override("ja"):
        assert caught.value.messages == [
            f"「{code}」は言語コードではありません。「{meant}」ではありませんか。"
        ]


@pytest.mark.parametrize("code", ["xx", "qq", "und", "mis", "en-", "e", "en-xxxxxxxxx", "??"])
def test_what_is_no_language_gets_an_example(code):
    with pytest.raises(ValidationError) as caught:
        check_language_code(code)
    assert caught.value.messages == [
        f"“{code}” is not a language code; enter one such as en, ja or zh-Hant."
    ]


@pytest.mark.parametrize(
    ("code", "direction"),
    [
        ("en", "ltr"),
        ("ja", "ltr"),
        ("zh-TW", "ltr"),
        ("ar", "rtl"),
        ("ar-EG", "rtl"),
        ("he", "rtl"),
        ("fa", "rtl"),
        ("pa-Arab-PK", "rtl"),
        ("az-Latn", "ltr"),
        ("yi", "auto"),
        ("", "auto"),
    ],
)
def test_direction_is_known_from_the_language_or_left_to_the_letters(code, direction):
    assert direction_of(code) == direction


@pytest.mark.parametrize(
    ("codes", "messages"),
    [
        (["en", "ja", "zh-hant", "pt-br", "fil"], []),
        (["en", "jp"], ["LANGUAGES: “jp” is not a language code; did you mean “ja”?"]),
        (["xx"], ["LANGUAGES: “xx” is not a language code; enter one such as en, ja or zh-Hant."]),
    ],
)
def test_the_languages_of_the_site_are_checked(settings, codes, messages):
    settings.LANGUAGES = [(code, code) for code in codes]
    found = check_languages(None)
    assert [message.msg for message in found] == messages
    assert all(isinstance(message, Error) for message in found)


@pytest.mark.parametrize(("code", "is_told"), [("ar", True), ("hi", True), ("ka", False)])
def test_a_language_whose_cards_cannot_be_set_is_told(settings, monkeypatch, code, is_told):
    settings.LANGUAGES = [(code, code)]
    assert check_languages(None) == []
    monkeypatch.setattr(features, "check", lambda name: False)
    assert [message.id for message in check_languages(None)] == ["trendsite.W001"] * is_told
