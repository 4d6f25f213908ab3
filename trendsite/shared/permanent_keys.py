"""Permanent keys: the ids of items on a page, to which links point.

A row gets its key from its text when it is first saved. Later changes of text, order or language
do not change the key. The rule that derives a key from a text must never change, since addresses
and fixtures without keys depend on it; a slug library could change. Invisible characters and
equivalent Unicode sequences give the same key.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from trendsite.shared.slugs import SlugField, free_slug
from trendsite.shared.text.normal_form import visible
from trendsite.shared.translated import translations

KEY_LENGTH = 60
_WORDS_LENGTH = 40
_DIGEST_LENGTH = 8

# Apostrophes, accents after decomposition, and Latin letters that do not decompose are dropped.
# Any other character that is not a letter or digit ends a word.
_DROPPED = re.compile("['’\u0300-\u036f\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile("[a-z0-9]+")


def key_of_texts(texts: Iterable[str | None]) -> str:
    """Return the key for the texts of a row, given in the order of the site's languages.

    The key is the first words, at most 40 characters, of the first text that has words in ASCII;
    if there is none, a digest of the first text.
    """
    there = [words for text in texts if text and (words := " ".join(visible(text).split()))]
    for text in there:
        plain = _DROPPED.sub("", unicodedata.normalize("NFKD", text.lower()))
        if key := _first_words(_WORD.findall(plain), _WORDS_LENGTH):
            return key
    return digest(there[0] if there else "", _DIGEST_LENGTH)


def key_of_words(owner: str, words: str) -> str:
    """Return the key of a quotation: the slug of its owner and a digest of the words."""
    stem = _first_words(owner.split("-"), KEY_LENGTH - 14)
    return f"{stem}-{digest(' '.join(visible(words).split()), 6)}"


def digest(text: str, length: int) -> str:
    """Return the first `length` hexadecimal digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _first_words(words: Iterable[str], length: int) -> str:
    """Join as many words as fit into `length` characters. The first word is cut if it does not."""
    key = ""
    for word in words:
        longer = f"{key}-{word}" if key else word[:length]
        if len(longer) > length:
            break
        key = longer
    return key


def numbered(given: Sequence[str], derived: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """Return the keys of several items: each has its given key or, if that is "", its derived one.

    A derived key gets the suffix `-2`, `-3` … if it is in `taken`, is given to another item, or
    was used for an item before.
    """
    used = {*taken, *given}
    keys = []
    for own, wanted in zip(given, derived, strict=True):
        key = own or free_slug(wanted, used)
        used.add(key)
        keys.append(key)
    return keys


def to_be_given(keys: Sequence[str], derived: Sequence[str]) -> list[str]:
    """Return the keys that must be given for `numbered()` to return `keys`, "" for the others."""
    given = [""] * len(keys)
    while (found := numbered(given, derived)) != list(keys):
        given = [
            own or (key if key != other else "")
            for own, key, other in zip(given, keys, found, strict=True)
        ]
    return given


class PermanentKeyField(SlugField):
    """A key that is set once and not edited."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults = {"max_length": KEY_LENGTH, "blank": True, "editable": False, "db_index": False}
        super().__init__(*args, **{**defaults, **kwargs})


class KeyedQuerySet(models.QuerySet[Any]):
    """A queryset of rows with keys, which also gives keys to rows created in bulk."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        give_keys(rows)
        return super().bulk_create(rows, *args, **kwargs)


class KeyedModel(models.Model):
    """A row with a permanent link on a page.

    `anchor_kind` is the prefix of its anchor. `key_text` is the translated field from which the key
    is derived. Keys are unique among the rows with the same values of `key_scope`, or in the whole
    table if that is empty. The model has to declare a `key_constraint()`.
    """

    key = PermanentKeyField(_("key"))

    anchor_kind: str
    key_scope = ""
    key_text = ""
    link_label: Any

    objects = KeyedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def anchor(self) -> str:
        """Return the id of the row's element on a page."""
        return f"{self.anchor_kind}-{self.key}"

    def derived_key(self) -> str:
        """Return the key that is derived from the row's text, without a numeric suffix."""
        return key_of_texts(translations(self, self.key_text).values())


@receiver(pre_save)
def _give_key(instance: models.Model, **kwargs: Any) -> None:
    # A signal, since Django's own fixtures do not call `save()`.
    if isinstance(instance, KeyedModel) and not instance.key:
        give_keys([instance])


def key_constraint(*scope: str) -> models.UniqueConstraint:
    """Return the constraint that keys are unique among rows with the same values of `scope`."""
    return models.UniqueConstraint(fields=[*scope, "key"], name="%(app_label)s_%(class)s_key_once")


def give_keys(rows: Sequence[KeyedModel]) -> None:
    """Set the keys of unsaved rows of one model that have none. One or two queries a scope."""
    scopes: dict[Any, list[KeyedModel]] = {}
    for row in rows:
        scopes.setdefault(getattr(row, f"{row.key_scope}_id", None), []).append(row)
    for scope, members in scopes.items():
        if all(row.key for row in members):
            continue
        saved = type(members[0])._base_manager.all()
        if members[0].key_scope:
            saved = saved.filter(**{members[0].key_scope: scope})
        derived = [row.key or row.derived_key() for row in members]
        keys = numbered([row.key for row in members], derived, taken_keys(saved, derived))
        for row, key in zip(members, keys, strict=True):
            row.key = key


def taken_keys(saved: models.QuerySet[Any], derived: Iterable[str]) -> set[str]:
    """Return the keys of saved rows that `numbered()` must avoid. One or two queries."""
    counts = Counter(derived)
    taken = set(saved.filter(key__in=counts).values_list("key", flat=True))
    for key in {key for key in counts if counts[key] > 1 or key in taken}:
        taken.update(saved.filter(key__startswith=f"{key}-").values_list("key", flat=True))
    return taken
