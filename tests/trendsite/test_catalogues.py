"""The catalogues hold every text of the interface, translated, and are compiled.

`make messages` brings a catalogue up to date, for which it needs GNU gettext; these tests look
for themselves and do not. They need no database, and `make lint` runs them alone.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

# The calls that take a text, as Babel has them told: which argument is the context, which the
# text, which its plural.
CALLS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}

# A text's context, where it has one, and the text itself.
Key = tuple[str | None, str]

# The languages that need a catalogue: the texts in the code are in the default one.
LANGUAGES = [code for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]

# What a translation must take over as it is: placeholders and markup.
FIXED = re.compile(r"%%|%\(\w+\)\d*[a-zA-Z]|\{\w*\}|</?[a-z][^>]*>")

JAPANESE = r"[\u3005\u3040-\u30ff\u4e00-\u9fff]"
ASCII_PUNCTUATION = r"[]!\"'(),.:;?\[]"
HALF_WIDTH = re.compile(
    rf"{JAPANESE} ?{ASCII_PUNCTUATION}|{ASCII_PUNCTUATION} ?{JAPANESE}|[\uff61-\uff9f]"
)


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(_path(language, "django.po")))


def _path(language: str, name: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / name


def key(entry: polib.POEntry | polib.MOEntry) -> Key:
    return entry.msgctxt or None, entry.msgid


def translations(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    """One text, or where a number decides, one for each form."""
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def faults_of_style(text: str) -> list[str]:
    """Japanese that stands beside punctuation of half width. That of dates and code may stay."""
    return HALF_WIDTH.findall(FIXED.sub("x", text))


def texts_of_python(source: str) -> Iterator[tuple[Key, str]]:
    """Each text of the interface in the code, with its plural, if it has one."""
    for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), CALLS):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        yield (context, singular), plural


def texts_of_template(source: str) -> Iterator[tuple[Key, str]]:
    """The same in a template. Django turns one into calls amid filling of its own."""
    lines = templatize(source).splitlines()
    yield from texts_of_python("\n".join(line.strip() for line in lines))


def texts_of_interface() -> dict[Key, str]:
    """Every text of our code and templates, with its plural or an empty one."""
    own_apps = [Path(config.path) for config in apps.get_app_configs()]
    own_apps = [folder for folder in own_apps if folder.parent == settings.BASE_DIR]
    found: dict[Key, str] = {}
    for folder in own_apps:
        for path in folder.rglob("*.py"):
            for text, plural in texts_of_python(path.read_text()):
                found[text] = found.get(text) or plural
    for folder in [*settings.TEMPLATES[0]["DIRS"], *own_apps]:
        for path in [*folder.rglob("*.html"), *folder.rglob("*.txt")]:
            for text, plural in texts_of_template(path.read_text()):
                found[text] = found.get(text) or plural
    return found


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_holds_the_texts_of_code_and_templates_and_no_others(self, language):
        held = {key(entry): entry.msgid_plural for entry in catalogue(language)}
        texts = texts_of_interface()
        lacking = sorted(str(text) for text in texts.items() - held.items())
        superfluous = sorted(str(text) for text in held.items() - texts.items())
        assert (lacking, superfluous) == ([], []), "make messages"

    def test_translates_each_text_into_every_form(self, language):
        forms = int(re.search(r"nplurals=(\d)", catalogue(language).metadata["Plural-Forms"])[1])
        for entry in catalogue(language):
            assert all(translations(entry)), key(entry)
            assert len(translations(entry)) == (forms if entry.msgid_plural else 1), key(entry)

    def test_has_no_guesses_and_no_remains(self, language):
        texts = catalogue(language)
        assert not texts.metadata_is_fuzzy
        assert [key(entry) for entry in texts.fuzzy_entries()] == []
        assert [key(entry) for entry in texts.obsolete_entries()] == []

    def test_keeps_placeholders_and_markup(self, language):
        for entry in catalogue(language):
            fixed = {*FIXED.findall(entry.msgid), *FIXED.findall(entry.msgid_plural)}
            for text in translations(entry):
                assert set(FIXED.findall(text)) == fixed, key(entry)

    def test_is_compiled(self, language):
        compiled = polib.mofile(str(_path(language, "django.mo")))
        texts = catalogue(language)
        assert {key(entry): translations(entry) for entry in compiled} == {
            key(entry): translations(entry) for entry in texts
        }, "make messages"
        assert compiled.metadata["Plural-Forms"] == texts.metadata["Plural-Forms"]


def test_japanese_has_punctuation_of_full_width():
    faults = {
        text: faults_of_style(text)
        for entry in catalogue("ja")
        for text in translations(entry)
        if faults_of_style(text)
    }
    assert faults == {}


# That the tests above find what they look for


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('_("One " "text")', {(None, "One text"): ""}),
        ('gettext_lazy("Later")', {(None, "Later"): ""}),
        ('pgettext_lazy("state", "draft")', {("state", "draft"): ""}),
        ('ngettext("%(n)d day", "%(n)d days", n)', {(None, "%(n)d day"): "%(n)d days"}),
        (
            'npgettext_lazy("time", "%(n)d day", "%(n)d days", n)',
            {("time", "%(n)d day"): "%(n)d days"},
        ),
        ("_(variable)", {}),
        ('other("No text")', {}),
    ],
)
def test_texts_of_python_are_found(source, texts):
    assert dict(texts_of_python(source)) == texts


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<p>{% translate 'It’s \"here\"' %}</p>", {(None, 'It’s "here"'): ""}),
        ('{% translate "draft" context "state" %}', {("state", "draft"): ""}),
        ('{% translate "Filtered"|phrases %}', {(None, "Filtered"): ""}),
        ('{{ _("Constant")|title }}', {(None, "Constant"): ""}),
        (
            '<ul>\n    <li>\n  {% include "a.html" with label=_("Argument") %}</li>\n</ul>',
            {(None, "Argument"): ""},
        ),
        (
            "<p>\n  {% blocktranslate trimmed with n=5 %}\n    Two\n    lines {{ n }}, 10%\n"
            "  {% endblocktranslate %}\n</p>",
            {(None, "Two lines %(n)s, 10%%"): ""},
        ),
        (
            '{% blocktranslate count n=n context "time" %}{{ n }} day{% plural %}{{ n }} days'
            "{% endblocktranslate %}",
            {("time", "%(n)s day"): "%(n)s days"},
        ),
        ("{# _('A comment') #}(text {{ variable }}", {}),
    ],
)
def test_texts_of_templates_are_found(source, texts):
    assert dict(texts_of_template(source)) == texts


@pytest.mark.parametrize(
    "text", ["はい.", "日付,", "(注)", "名前: x", "何?", "「x」を見る!", "%(n)d件.", "ﾃｽﾄ"]
)
def test_punctuation_of_half_width_is_found(text):
    assert faults_of_style(text)


@pytest.mark.parametrize(
    "text",
    ["2024-08、12:34のように。", '<a href="{url}">見る</a>', "「..」と「key: value」", "%(n)d件"],
)
def test_dates_code_and_markup_are_no_fault(text):
    assert not faults_of_style(text)
