"""Forms of evidence."""

from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminFileWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import BLANK_CHOICE_DASH
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quotes.models import Mention, Source, Video
from quotes.moments import MomentFormField
from quotes.platforms import Platform, VideoAddress, known_platforms, read_video_address
from trendsite.shared.forms import VersionedForm
from trendsite.shared.images.uploads import MIDDLE, CleanImage, clean_image
from trendsite.shared.web_addresses import ADDRESS_LENGTH, comparable, looks_like_an_address
from trendsite.shared.writes import Action, Write


class SourceForm(VersionedForm):
    instance: Source

    class Meta:
        model = Source
        fields = ["url", "title", "description", "publisher", "origin", "date", "language", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].required = False
            self.fields["key"].help_text = _(
                "A short name used in data files, such as gartner-2025-iaas. If empty, it "
                "is made from publisher, date and title."
            )

    def clean_url(self) -> str:
        """Refuse another address of a page that is a source already; offer that source."""
        url: str = self.cleaned_data["url"]
        if comparable(url) == self.instance.compared_url:
            return url
        there = (
            Source.objects.exclude(pk=self.instance.pk).filter(compared_url=comparable(url)).first()
        )
        if there is not None:
            raise ValidationError(
                format_html(
                    gettext('This page is there already: <a href="{url}">{source}</a> ({key}).'),
                    url=reverse("admin:quotes_source_change", args=[there.pk]),
                    source=there,
                    key=there.key,
                ),
                code="unique",
            )
        return url


class ThumbnailInput(AdminFileWidget):
    """A file input that shows the present picture."""

    template_name = "admin/widgets/thumbnail_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif", **(attrs or {})}
        )


# The places of the part that is kept of a picture that is not 16:9.
_CROPS = {
    "": (_("the middle"), MIDDLE),
    "top": (_("the top"), (0.5, 0.0)),
    "upper": (_("the upper part"), (0.5, 0.25)),
    "lower": (_("the lower part"), (0.5, 0.75)),
    "bottom": (_("the bottom"), (0.5, 1.0)),
    "left": (_("the left"), (0.0, 0.5)),
    "right": (_("the right"), (1.0, 0.5)),
}


class VideoForm(VersionedForm):
    """The form of a video, whose id may be given as an address, which says the platform too."""

    instance: Video

    crop = forms.ChoiceField(
        label=_("Part of a new thumbnail to keep"),
        choices=[(name, label) for name, (label, _centring) in _CROPS.items()],
        required=False,
        help_text=_("Of a picture that is higher or wider than 16:9."),
    )
    video_id = forms.CharField(
        label=_("Video id or address"),
        max_length=ADDRESS_LENGTH,
        widget=AdminTextInputWidget,
        help_text=_(
            "The address of the video as the browser shows it, or the part of it that "
            "identifies the video, such as dQw4w9WgXcQ."
        ),
    )

    class Meta:
        model = Video
        fields = ["platform", "video_id", "title", "channel", "date", "thumbnail"]
        widgets = {"thumbnail": ThumbnailInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "platform" in self.fields:
            self.fields["platform"].required = False
            offered = [*known_platforms()]
            if self.instance.platform and self.instance.platform not in offered:
                offered.append(Platform(self.instance.platform))
            cast(forms.ChoiceField, self.fields["platform"]).choices = [
                *BLANK_CHOICE_DASH,
                *((platform.value, platform.label) for platform in offered),
            ]
            self.fields["platform"].help_text = _("Set by the address, if you enter one.")

    def clean(self) -> dict[str, Any]:
        written = self.cleaned_data.get("video_id", "")
        if looks_like_an_address(written):
            try:
                found = read_video_address(written)
            except ValidationError as error:
                self.add_error("video_id", error)
            else:
                self.cleaned_data |= {"platform": found.platform, "video_id": found.video_id}
        elif not self.cleaned_data.get("platform") and "platform" not in self.errors:
            self.add_error("platform", _("Choose a platform, or enter the video’s address."))
        self._crop()
        return super().clean()

    def _crop(self) -> None:
        """Take another part of a new thumbnail than the middle, if one was chosen."""
        name = self.cleaned_data.get("crop", "")
        if name and isinstance(self.cleaned_data.get("thumbnail"), CleanImage):
            upload = cast(UploadedFile[bytes], self.files[self.add_prefix("thumbnail")])
            self.cleaned_data["thumbnail"] = clean_image(upload, _CROPS[name][1])


class MentionForm(VersionedForm):
    instance: Mention

    start = MomentFormField(
        label=_("Start"),
        required=False,
        help_text=_("Where the quotation starts in the video, such as 12:34 or 1:02:03."),
    )
    video_address = forms.CharField(
        label=_("Or its address"),
        required=False,
        max_length=ADDRESS_LENGTH,
        widget=AdminTextInputWidget,
        help_text=_(
            "The address of a video as the browser shows it, with its time. "
            "The video is added if it is not here yet."
        ),
    )
    _new_video: VideoAddress | None = None

    class Meta:
        model = Mention
        fields = ["expert", "original", "language", "video", "start", "source"]

    def clean(self) -> dict[str, Any]:
        if written := self.cleaned_data.get("video_address"):
            try:
                self._take_video(read_video_address(written))
            except ValidationError as error:
                self.add_error("video_address", error)
        return super().clean()

    def _take_video(self, address: VideoAddress) -> None:
        """Take the video of an address, and its second unless one was entered. One query."""
        platform, video_id, second = address
        video = Video.objects.filter(platform=platform, video_id=video_id).first()
        chosen = self.cleaned_data.get("video")
        if chosen and chosen != video:
            raise ValidationError(
                _("This is another video than the one chosen. Remove that one, or this address."),
                code="two_videos",
            )
        if self.cleaned_data.get("start") is None:
            self.cleaned_data["start"] = second
        if video is None:
            self._new_video = address
            video = Video(platform=platform, video_id=video_id)
        self.cleaned_data["video"] = video

    def save_before(self, write: Write) -> None:
        """Add the video of an address that nobody has added yet."""
        if self._new_video is None:
            return
        platform, video_id, _second = self._new_video
        video, is_new = Video.objects.get_or_create(platform=platform, video_id=video_id)
        self.instance.video = video
        if is_new:
            write.record(Action.ADDED, video)
