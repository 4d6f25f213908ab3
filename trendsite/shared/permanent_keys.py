"""Keys by which what stands on a page is linked to for good.

A row gets its key once, when it is first saved, out of its text; no later change of text, order
or language changes it. The rule by which a text gives a key is part of the addresses of the site
and of every fixture that leaves its keys out: it must never change.
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
from trendsite.shared.translated import translations

KEY_LENGTH = 60
_WORDS_LENGTH = 40
_DIGEST_LENGTH = 8

# Letters of the Latin script that have no plain form, accents taken apart, and apostrophes: none
# of them is the end of a word.
_DROPPED = re.compile("['’\u0300-\u036f\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile("[a-z0-9]+")


def key_of_texts(texts: Iterable[str | None]) -> str:
    """The key of a row with these texts, in the order of the site's languages.

    The first words of the first text that has any in ASCII, at most 40 characters; without
    one a digest of the first text.
    """
    there = [" ".join(text.split()) for text in texts if text and not text.isspace()]
    for text in there:
        plain = _DROPPED.sub("", unicodedata.normalize("NFKD", text.lower()))
        if key := _first_words(_WORD.findall(plain), _WORDS_LENGTH):
            return key
    return digest(there[0] if there else "", _DIGEST_LENGTH)


def key_of_words(owner: str, words: str) -> str:
    """The key of what somebody said: the slug of the owner, and a digest of the words."""
    stem = _first_words(owner.split("-"), KEY_LENGTH - 14)
    return f"{stem}-{digest(' '.join(words.split()), 6)}"


def digest(text: str, length: int) -> str:
    """So many hexadecimal digits that follow from a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _first_words(words: Iterable[str], length: int) -> str:
    """As many words as `length` holds, the first cut where it is longer."""
    key = ""
    for word in words:
        longer = f"{key}-{word}" if key else word[:length]
        if len(longer) > length:
            break
        key = longer
    return key


def numbered(given: Sequence[str], derived: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """The keys of several items in their order: the one given, else the derived one.

    Where that is given to another, is taken, or stood before, `-2`, `-3` … is added.
    """
    used = {*taken, *given}
    keys = []
    for own, wanted in zip(given, derived, strict=True):
        key = own or free_slug(wanted, used)
        used.add(key)
        keys.append(key)
    return keys


def to_be_given(keys: Sequence[str], derived: Sequence[str]) -> list[str]:
    """Which of the keys must be given, so that `numbered()` gives them all; "" for the others."""
    given = [""] * len(keys)
    while (found := numbered(given, derived)) != list(keys):
        given = [
            own or (key if key != other else "")
            for own, key, other in zip(given, keys, found, strict=True)
        ]
    return given


class PermanentKeyField(SlugField):
    """A key that a row has got, and keeps."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        defaults = {"max_length": KEY_LENGTH, "blank": True, "editable": False, "db_index": False}
        super().__init__(*args, **{**defaults, **kwargs})


class KeyedQuerySet(models.QuerySet[Any]):
    """Of rows with a key: those made in bulk get theirs too."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        give_keys(rows)
        return super().bulk_create(rows, *args, **kwargs)


class KeyedModel(models.Model):
    """A row that has a link of its own on the page on which it stands.

    `anchor_kind` begins its anchor. Keys are unique among the rows that share `key_scope`, in
    the whole table where that is empty; with it `key_constraint()` says so to the database.
    `key_text` is the translated text that gives the key.
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
        """Its id on the page."""
        return f"{self.anchor_kind}-{self.key}"

    def derived_key(self) -> str:
        """The key that follows from its text alone."""
        return key_of_texts(translations(self, self.key_text).values())


@receiver(pre_save)
def _give_key(instance: models.Model, **kwargs: Any) -> None:
    # A signal, since a row of Django's own fixtures is saved past `save()`.
    if isinstance(instance, KeyedModel) and not instance.key:
        give_keys([instance])


def key_constraint(*scope: str) -> models.UniqueConstraint:
    """What `KeyedModel` promises, as a constraint of the database."""
    return models.UniqueConstraint(fields=[*scope, "key"], name="%(app_label)s_%(class)s_key_once")


def give_keys(rows: Sequence[KeyedModel]) -> None:
    """Give unsaved rows of one model that have no key theirs. One query a scope, as a rule."""
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
    """The keys of saved rows that `numbered()` has to know to find others."""
    counts = Counter(derived)
    taken = set(saved.filter(key__in=counts).values_list("key", flat=True))
    for key in {key for key in counts if counts[key] > 1 or key in taken}:
        taken.update(saved.filter(key__startswith=f"{key}-").values_list("key", flat=True))
    return taken
