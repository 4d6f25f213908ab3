"""Folding texts for the search, so that spellings which readers take for the same are equal.

Letters lose case, width and accents, variants of kanji are replaced, and marks inside a word are
removed.
"""

import re
from functools import cache, lru_cache
from unicodedata import is_normalized, name, normalize

from trendsite.shared.text.japanese import KANJI
from trendsite.shared.text.normal_form import INVISIBLE

KATAKANA = r"\u30a1-\u30fa"
UNSPACED = rf"{KANJI}\u3041-\u3096\u309d-\u309f{KATAKANA}\u30fc-\u30ff"
"""Kanji and kana, with the marks that repeat or lengthen them."""

# Accents, and the vowel signs of Arabic and Hebrew, which are mostly left out.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
)
_DROPPED = re.compile(f"[{_MARKS}{INVISIBLE}\u0640]+")
_CLUSTER = re.compile(f".[{_MARKS}{INVISIBLE}\u0640\u3099\u309a\uff9e\uff9f]*", re.DOTALL)

# Variants in names that joyokanji lacks, and forms that differ by font or typist. The first of each
# pair is replaced by the second.
_VARIANTS = """
    邉辺 濵浜 嶋島 嶌島 渕淵 渊淵 桒桑 栁柳 靑青 戶戸 冨富 槗橋 𣘺橋 舘館 峯峰 埜野
    㟢崎 嵜崎 嶽岳 萬万 槇槙 靍鶴 昻昂 晧皓 髙高 﨑崎 𠮷吉 德徳 黑黒 瀨瀬 鷗鴎 頰頬
    剝剥 塡填 瘦痩 麵麺 蟬蝉 蠟蝋 禱祷 俠侠 繫繋 嚙噛 摑掴 簞箪 醬醤 蔣蒋 屛屏 𠮟叱
    籠篭 檜桧 藪薮 竈竃 賤賎 濾沪 遙遥 瑤瑶 堯尭 凛凜 萊莱
"""
# The Unicode name of a Latin letter that does not decompose has its base letter: ł is a LATIN SMALL
# LETTER L WITH STROKE, œ a LATIN SMALL LIGATURE OE.
_NAMED = re.compile(r"LATIN SMALL (?:LETTER|LIGATURE) (?:DOTLESS )?([A-Z]{1,2})(?: WITH .*)?")
_ZEROS = "٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០"


@cache
def _table() -> dict[int, str]:
    """Return the replacements of characters, by code point. Made at the first use."""
    import joyokanji

    # A text, since a list of them would take 5 MB.
    ideographs = "".join(map(chr, (*range(0x3400, 0xA000), *range(0x20000, 0x2A6E0))))
    modern = joyokanji.convert(ideographs, variants=True)
    kanji = {old: new for old, new in zip(ideographs, modern, strict=True) if old != new}
    kanji |= {pair[0]: pair[1] for pair in _VARIANTS.split()}
    table = {ord(old): kanji.get(new, new) for old, new in kanji.items()}
    for code in (*range(0xDF, 0x250), *range(0x1E00, 0x1F00)):
        found = _NAMED.fullmatch(name(chr(code), ""))
        if found and is_normalized("NFKD", chr(code)):
            table[code] = found[1].lower()
    table |= {ord("þ"): "th", ord("ð"): "d"}
    return table | {ord(zero) + digit: str(digit) for zero in _ZEROS for digit in range(10)}


# Characters typed instead of the long mark; final long marks, which are optional: サーバ, サーバー.
# Each begins with what it removes, which few texts have, so that it is searched for quickly.
_LIKE_LONG_MARKS = re.compile(rf"[\u2010-\u2013\u2212\u2500](?<=[{KATAKANA}].)")
_LAST_LONG_MARKS = re.compile(rf"ー(?<=[{KATAKANA}ー][{KATAKANA}]ー)ー*(?![{KATAKANA}ー])")
# ディープ・ラーニング, ジャン＝ポール; and 1,000.
_INSIDE_WORDS = re.compile(
    rf"[・=゠,'’](?:(?<=[{UNSPACED}][・=゠])(?=[{UNSPACED}])"
    r"|(?<=[0-9][,'’])(?=[0-9]{3}(?![0-9])))"
)


def folded(text: str) -> str:
    """Return a text without differences of case, width, accents and variants of kanji."""
    if text.isascii():
        return text.lower()
    plain = _DROPPED.sub("", normalize("NFKD", text))
    lower = normalize("NFKC", normalize("NFKC", plain).casefold()).translate(_table())
    return _LIKE_LONG_MARKS.sub("ー", lower)


@lru_cache(maxsize=2)  # a text that is indexed is asked for twice in a row
def joined(text: str) -> str:
    """Return a folded text without the marks inside its words."""
    return _INSIDE_WORDS.sub("", folded(text))


def index_form(text: str) -> str:
    """Return the folded text whose words are indexed: joined, and without final long marks."""
    return _LAST_LONG_MARKS.sub("", joined(text))


def placed(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the index form of a text, and the span in the text for each of its characters."""
    whole, places = _placed_folded(text)
    for marks in (_INSIDE_WORDS, _LAST_LONG_MARKS):
        for mark in reversed(list(marks.finditer(whole))):
            whole = whole[: mark.start()] + whole[mark.end() :]
            del places[mark.start() : mark.end()]
    return whole, places


def _placed_folded(text: str) -> tuple[str, list[tuple[int, int]]]:
    whole = folded(text)
    # Folding a normalised text without dropped marks never shortens it. If the length is equal,
    # characters correspond one to one, which spares most texts the slow way.
    if len(whole) == len(text) and is_normalized("NFKC", text) and not _DROPPED.search(text):
        return whole, [(place, place + 1) for place in range(len(text))]
    characters, places = [], []
    for cluster in _CLUSTER.finditer(text):
        for character in folded(cluster[0]):
            characters.append(character)
            places.append(cluster.span())
    return _LIKE_LONG_MARKS.sub("ー", "".join(characters)), places
