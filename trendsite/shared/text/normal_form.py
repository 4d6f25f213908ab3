"""The normal form in which texts are stored, and comparisons of texts.

Texts that editors copy from other programs may have invisible characters, or letters in another
Unicode form. Forms, files, Django’s own fixtures and search queries are all normalised by this
module. See decision 16.
"""

import re
from functools import lru_cache
from itertools import chain, groupby
from unicodedata import bidirectional, combining, name, normalize

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Characters without ink and width: Unicode's Default_Ignorable_Code_Point, which `unicodedata` does
# not have (a test compares it), and format characters and blanks that the property leaves out.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u2800\ufff9-\ufffc\U00013430-\U00013455\U0001d159"
)
"""Characters that show nothing, as the inside of a character class of a regex."""

_VARIATIONS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_PICTURES = "\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u3030-\u303d\U0001f000-\U0001faff"
# Scripts in which joiners change the form of letters: Arabic and related ones, and those of India.
_JOINED = (
    "\u0600-\u07ff\u0840-\u0dff\u1000-\u109f\u1780-\u18af\u1b00-\u1c4f\ua800-\uabff"
    "\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010a00-\U00010aff\U00011000-\U00011fff"
    "\U0001e900-\U0001e95f"
)
# Scripts without spaces, in which a zero-width space separates words: Thai, Lao, Burmese, Khmer.
_UNDIVIDED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf"
)

# Characters, and the characters beside which alone they have a meaning.
_MEANINGS = [
    ("\u200c\u200d", _JOINED),
    ("\u200b", _UNDIVIDED),
    ("\u180b-\u180f", "\u1800-\u18af"),  # Mongolian forms
    ("\u2800", "\u2801-\u28ff"),  # the blank of Braille
    ("\U00013430-\U00013455", "\U00013000-\U0001342f"),  # how hieroglyphs are stacked
    ("\U0001bca0-\U0001bca3", "\U0001bc00-\U0001bc9f"),  # shorthand
    ("\U0001d173-\U0001d17a", "\U0001d100-\U0001d1ff"),  # musical notes
]
_MEANT = "|".join(
    [
        # The flag of a region: a black flag, followed by the code in invisible tag characters.
        "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f",
        # Joined emoji, such as a family, and variation selectors.
        rf"(?<=[{_PICTURES}\ufe0f\U000e007f])\u200d(?=[{_PICTURES}])",
        rf"(?<=[^\s{INVISIBLE}])[{_VARIATIONS}]",
        *(rf"(?<=[{beside}])[{signs}]|[{signs}](?=[{beside}])" for signs, beside in _MEANINGS),
    ]
)
# Directional marks, which are kept in right-to-left texts. Overrides, which can deceive, are not.
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069"
_TIDIED = re.compile(rf"({_MEANT})|[{INVISIBLE}]")
_TIDIED_RIGHT_TO_LEFT = re.compile(rf"({_MEANT}|[{_DIRECTIONS}])|[{INVISIBLE}]")
_HAS_INVISIBLE = re.compile(f"[{INVISIBLE}]")

_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
# More marks on one letter than any script has. Marks are neither letters nor digits.
_MANY_MARKS = re.compile(r"[^\w\s\x00-\x7f]{30,}")
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
_LIKE_OTHERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)


def normal_form(text: str, *, one_line: bool = False) -> str:
    """Return the form in which a text is stored.

    It is NFC, with Unix line ends, without white space at the ends, and without invisible
    characters that have no meaning where they are. With `one_line`, line breaks and tabs become
    spaces.
    """
    if "\r" in text or not text.isascii():
        text = _LINE_ENDS.sub("\n", text)
    if one_line and ("\n" in text or "\t" in text):
        text = _BLANKS.sub(_without_line_breaks, text.strip())
    if text.isascii():
        return text.strip()
    if not _HAS_INVISIBLE.search(text):  # and composing makes none
        return composed(text).strip()
    before = ""
    # Removing a character may create a new composition, or new neighbours for other characters.
    while text != before:
        before = text
        text = without_meaningless(composed(text)).strip()
    return text if visible(text) else ""


def without_meaningless(text: str) -> str:
    """Return a text without invisible characters that have no meaning where they are."""
    if text.isascii() or not _HAS_INVISIBLE.search(text):
        return text
    tidied = _TIDIED_RIGHT_TO_LEFT if _runs_right_to_left(text) else _TIDIED
    return tidied.sub(lambda found: found[1] or "", text)


def visible(text: str) -> str:
    """Return a text without invisible characters, and without blanks at the ends."""
    if text.isascii():
        return text.strip()
    return composed(_HAS_INVISIBLE.sub("", text)).strip()


def composed(text: str) -> str:
    """Return a text in NFC, in linear time.

    Python sorts the marks on a letter by insertion: a text of 50,000 marks would take 8 seconds.
    """
    return normalize("NFC", _MANY_MARKS.sub(_with_sorted_marks, text))


def _with_sorted_marks(found: re.Match[str]) -> str:
    parts = "".join([normalize("NFD", character) for character in found[0]])
    groups = groupby(parts, key=lambda character: combining(character) > 0)
    return "".join(chain.from_iterable(sorted(group, key=combining) for _marks, group in groups))


def _without_line_breaks(blanks: re.Match[str]) -> str:
    return " " if "\n" in blanks[0] or "\t" in blanks[0] else blanks[0]


def comparable_text(text: str) -> str:
    """Return a form that is equal for texts that read the same.

    It ignores width, white space, invisible characters, and differences between quotation marks,
    apostrophes and dashes. It does not ignore case and accents.
    """
    return " ".join(normalize("NFKC", visible(text)).translate(_LIKE_OTHERS).split())


def check_characters(text: str) -> None:
    """Raise ValidationError, with the character's name, if a text has a control character."""
    if character := control_character(text):
        raise ValidationError(
            _("Remove the control character %(character)s."),
            code="control_character",
            params={"character": character},
        )


@lru_cache(maxsize=100)  # the reader of a file asks, and then the model
def control_character(text: str) -> str:
    """Return the code point and the name, if it has one, of the first control character of a text.

    Empty if there is none. Surrogates and noncharacters count as control characters.
    """
    if text.isprintable():  # in a tenth of the time of the search
        return ""
    found = _REFUSED.search(text)
    if not found:
        return ""
    code = ord(found[0])
    # Control characters have no names in Unicode; their pictures (U+2400 …) have.
    picture = chr(0x2421 if code == 0x7F else 0x2400 + code) if code < 0x20 or code == 0x7F else ""
    known = name(picture, "").removeprefix("SYMBOL FOR ").lower() if picture else ""
    return f"U+{code:04X} ({known})" if known else f"U+{code:04X}"


def _runs_right_to_left(text: str) -> bool:
    letters = (character for character in text if not _HAS_INVISIBLE.match(character))
    return any(bidirectional(character) in ("R", "AL") for character in letters)
