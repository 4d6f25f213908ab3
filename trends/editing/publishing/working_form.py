"""The forms of published trends and of their working versions."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _

from trends.editing.forms import TrendForm
from trends.editing.publishing.publication import preparation_of
from trends.models import Preparation, Trend
from trendsite.shared.paths import form_path
from trendsite.shared.writes import Write


class PublishedTrendForm(TrendForm):
    """The form of a published trend, which can be saved as its working version."""

    makes_working_version = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.makes_working_version:
            working = Trend.everything.filter(working_of=self.instance).first()
            if working is not None:
                raise ValidationError(
                    format_html(
                        _(
                            "There is a working version already. Nothing was saved, but your "
                            "changes are still below. "
                            '<a href="{url}" target="_blank">Open the working version</a> '
                            "and make them there."
                        ),
                        url=form_path(working),
                    ),
                    code="working",
                )
        return cleaned


class WorkingVersionForm(TrendForm):
    """The form of a working version. Its slug is the one that the published trend will get."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._preparation = preparation_of(self.instance)
        self.initial["slug"] = self._preparation.slug
        self._wanted_slug = self._preparation.slug

    @property
    def public_trend(self) -> Trend:
        published = self.instance.working_of
        assert published is not None
        return published

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # The slug of the working version's own row stays as it is.
        if slug := cleaned.pop("slug", ""):
            self._wanted_slug = slug
            taken = Trend.objects.filter(slug=slug).exclude(pk=self.public_trend.pk)
            if slug != self._preparation.slug and taken.exists():
                self.add_error("slug", _("Another trend has this address."))
        retired, published = cleaned.get("retired"), self.public_trend.published
        if retired and published and retired < published:
            self.add_error("retired", _("This is before its publication date."))
        return cleaned

    def save_before(self, write: Write) -> None:
        super().save_before(write)
        Preparation.objects.filter(pk=self._preparation.pk).update(slug=self._wanted_slug)
