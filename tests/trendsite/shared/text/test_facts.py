"""The facts of a text that a translation has to keep."""

import pytest

from trendsite.shared.text.facts import facts_in, lost_facts


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("USD 37.5 billion", "375億ドル"),
        ("153.6 million", "1億5360万件"),
        ("1,500 models", "1500モデル"),
        ("1.2 trillion tokens", "1兆2000億トークン"),
        ("20 to 30%", "20〜30％"),
        ("on 8 December 2025", "2025年12月8日に"),
        ("in December 2025", "2025年12月に"),
        ("on December 8, 2025", "2025年12月8日に"),
        ("in Q3 2025", "2025年第3四半期に"),
        ("9-fold to 900-fold", "9倍から900倍"),
        ("by 3 companies", "三社が"),
        ("10,000 people", "1万人"),
        ("80k stars", "8万のスター"),
        ("[report](https://example.org/a_(b)/?q=1)", "[報告](https://example.org/a_(b)/?q=1)"),
        ("a claim[^gartner-2025-iaas].", "主張[^gartner-2025-iaas]。"),
        ("He may march on.", "彼は行進してよい。"),
        ("10²⁶ operations", "10の26乗回の演算"),
        ("10⁻⁹ m, CO₂ of 500 m²", "10⁻⁹メートル、500平方メートルのCO2"),
        ("item ①", "項目1"),
    ],
)
def test_the_same_in_both_languages(english, japanese):
    assert lost_facts(english, "en", japanese, "ja") == []
    assert lost_facts(japanese, "ja", english, "en") == [] or "三" in japanese


@pytest.mark.parametrize(
    ("english", "japanese", "lost"),
    [
        ("rose from 17% to 27%", "17%から増えた", ["27"]),
        ("USD 37.5 billion", "37.5億ドル", ["37.5 billion"]),
        ("on 8 December 2025", "2025年12月9日に", ["8 December 2025"]),
        ("see https://example.org/a", "https://example.org/b を参照", ["https://example.org/a"]),
        ("10²⁶ operations", "1026回の演算", ["10", "²⁶"]),
        ("10²⁶ operations", "10²⁵回の演算", ["²⁶"]),
        ("in 2025①", "2025年に", ["①"]),
        ("a claim[^one], another[^two]", "主張[^one]", ["[^two]"]),
    ],
)
def test_what_is_lost_is_named_as_it_is_written(english, japanese, lost):
    assert [fact.shown for fact in lost_facts(english, "en", japanese, "ja")] == lost


def test_facts_know_their_places():
    text = "In ２０２５ it was 5 million, see https://example.org/5."
    assert [text[fact.start : fact.end] for fact in facts_in(text, "en")] == [
        "２０２５",
        "5 million",
        "https://example.org/5.",
    ]
