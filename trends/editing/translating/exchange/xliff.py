"""XLIFF 2.0 files: a `file` for each trend, a `unit` for each text, without inline codes.

Texts are as they are stored, with their Markdown. A unit is identified by its `name`, since an `id`
cannot have all characters that occur in names.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

from trends.editing.translating.exchange.translation_files import ExchangedText, TranslationFile
from trendsite.shared.translated import languages

_NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
_XML = "http://www.w3.org/XML/1998/namespace"


def _named(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def write_xliff(file: TranslationFile) -> bytes:
    """Return the bytes of an XLIFF file.

    Its source language is that of most texts. The others have their own language.
    """
    sources = [text.source_language for text in file.texts]
    others = [code for code in languages() if code != file.language] or [settings.LANGUAGE_CODE]
    main = max(others, key=sources.count)
    root = etree.Element(
        _named("xliff"),
        {"version": "2.0", "srcLang": main, "trgLang": file.language},
        nsmap={None: _NAMESPACE},
    )
    parts: dict[str, Any] = {}
    for number, text in enumerate(file.texts, 1):
        if text.slug not in parts:
            attributes = {"id": f"f{len(parts) + 1}", "original": text.slug}
            parts[text.slug] = etree.SubElement(root, _named("file"), attributes)
        unit = etree.SubElement(
            parts[text.slug], _named("unit"), {"id": f"u{number}", "name": text.name}
        )
        notes = etree.SubElement(unit, _named("notes"))
        _note(notes, "place", text.heading)
        if text.source_language != main:
            _note(notes, "source-language", text.source_language)
        if text.source_before:
            _note(notes, "source-as-translated", text.source_before)
        state = "translated" if text.is_done else "initial"
        segment = etree.SubElement(unit, _named("segment"), {"state": state})
        _text(segment, "source", text.source)
        if text.target:
            _text(segment, "target", text.target)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _note(notes: Any, category: str, text: str) -> None:
    etree.SubElement(notes, _named("note"), {"category": category}).text = text


def _text(segment: Any, name: str, text: str) -> None:
    etree.SubElement(segment, _named(name), {f"{{{_XML}}}space": "preserve"}).text = text


def read_xliff(content: bytes) -> TranslationFile:
    """Parse an XLIFF file, without fetching anything or expanding entities.

    Raises ValidationError if it is not one, or has elements that the site does not write.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValidationError(
            _("The file is no XML: %(error)s") % {"error": error.msg}, code="broken"
        ) from error
    if root.getroottree().docinfo.doctype:
        raise ValidationError(_("An XLIFF file may not have a DOCTYPE."))
    if root.tag != _named("xliff"):
        raise ValidationError(_("The file is no XLIFF 2.0."))
    texts = [
        _read_unit(part.get("original", ""), unit)
        for part in root.iter(_named("file"))
        for unit in part.iter(_named("unit"))
    ]
    return TranslationFile(root.get("trgLang", ""), texts)


def _read_unit(slug: str, unit: Any) -> ExchangedText:
    name = unit.get("name", "")
    source = target = ""
    is_done, lacks = True, False
    for part in unit:
        if part.tag not in (_named("segment"), _named("ignorable")):
            continue
        found = part.find(_named("target"))
        words = _words(part.find(_named("source")), name)
        source += words
        if found is not None:
            target += _words(found, name)
        elif part.tag == _named("ignorable"):
            target += words  # an `ignorable`, which is white space between segments
        else:
            lacks = True
        if part.tag == _named("segment"):
            is_done &= part.get("state", "initial") != "initial"
    return ExchangedText(slug, name, source, "" if lacks else target, is_done)


def _words(element: Any, name: str) -> str:
    """Return the text of a source or target. It may have `mrk` elements, but no inline codes."""
    if element is None:
        return ""
    for inner in element.iter():
        if inner is not element and inner.tag not in (_named("mrk"), _named("sm"), _named("em")):
            raise ValidationError(
                _("%(text)s: the element <%(element)s> is not known here.")
                % {"text": name, "element": etree.QName(inner).localname}
            )
    return "".join(element.itertext())
