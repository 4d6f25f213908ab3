"""PO files: an entry for each text, whose context is the trend and the name of the text.

A stale translation is fuzzy, and has the source that was translated as previous source.
"""

import polib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trends.editing.translating.exchange.translation_files import ExchangedText, TranslationFile

_BETWEEN = "|"


def write_po(file: TranslationFile) -> bytes:
    """Return the bytes of a PO file."""
    po = polib.POFile(wrapwidth=0)
    po.metadata = {
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": file.language,
    }
    for text in file.texts:
        is_fuzzy = bool(text.target) and not text.is_done
        po.append(
            polib.POEntry(
                msgctxt=f"{text.slug}{_BETWEEN}{text.name}",
                msgid=text.source,
                msgstr=text.target,
                comment=text.heading,
                flags=["fuzzy"] if is_fuzzy else [],
                previous_msgid=text.source_before or None,
            )
        )
    return f"{po}\n".encode()


def read_po(content: bytes) -> TranslationFile:
    """Parse a PO file. Raises ValidationError if it is not one."""
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(_("The file is not UTF-8.")) from error
    # polib takes a text without a line break for the name of a file.
    if "\n" not in words or "msgid" not in words:
        raise ValidationError(_("The file is no PO."))
    try:
        po = polib.pofile(words)
    except (OSError, ValueError, IndexError) as error:
        raise ValidationError(_("The file is no PO: %(error)s") % {"error": error}) from error
    texts = []
    for entry in po:
        if entry.obsolete:
            continue
        slug, _sign, name = (entry.msgctxt or "").partition(_BETWEEN)
        texts.append(
            ExchangedText(slug, name, entry.msgid, entry.msgstr, not entry.fuzzy, entry.fuzzy)
        )
    return TranslationFile(po.metadata.get("Language", ""), texts)
