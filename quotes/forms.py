"""Forms of evidence."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminFileWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import BLANK_CHOICE_DASH
from django.forms.utils import ErrorDict
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quotes.kept_pictures import kept_picture, kept_picture_url
from quotes.models import Mention, Source, Video
from quotes.moments import MomentFormField
from quotes.platforms import (
    Platform,
    VideoAddress,
    is_video_id,
    known_platforms,
    read_video_address,
)
from trendsite.shared.forms import VersionedForm
from trendsite.shared.images.uploads import MIDDLE, CleanImage, clean_image
from trendsite.shared.paths import form_path
from trendsite.shared.web_addresses import ADDRESS_LENGTH, comparable, looks_like_an_address
from trendsite.shared.writes import Action, Write

LOOK_UP = "_look_up"
"""The name of the button that fetches what a platform tells about a video."""

KEPT = "kept_picture"
"""The name under which a form sends the name of a picture that is not saved yet."""


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
        """Raise ValidationError, with a link to the source, if another source is of this page."""
        url: str = self.cleaned_data["url"]
        if comparable(url) == self.instance.compared_url:
            return url
        there = (
            Source.objects.exclude(pk=self.instance.pk).filter(compared_url=comparable(url)).first()
        )
        if there is not None:
            raise ValidationError(
                format_html(
                    gettext(
                        'This page has already been added: <a href="{url}">{source}</a> ({key}).'
                    ),
                    url=form_path(there),
                    source=there,
                    key=there.key,
                ),
                code="unique",
            )
        return url


class ThumbnailInput(AdminFileWidget):
    """A file input that shows the saved picture, and one that is not saved yet."""

    template_name = "admin/widgets/thumbnail_input.html"
    kept_url = ""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif", **(attrs or {})}
        )

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["kept_url"] = self.kept_url
        return context


class VideoAddressInput(AdminTextInputWidget):
    """An input for a video's address, with the button that fetches its data from the platform."""

    template_name = "admin/widgets/video_address_input.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["look_up"] = LOOK_UP if settings.VIDEO_LOOKUP else ""
        return context


# The part to crop out of a picture that is not 16:9, by its place across and down, from 0 to 1.
_CROPS = {
    "": (_("the middle"), MIDDLE),
    "top": (_("the top"), (0.5, 0.0)),
    "upper": (_("the upper part"), (0.5, 0.25)),
    "lower": (_("the lower part"), (0.5, 0.75)),
    "bottom": (_("the bottom"), (0.5, 1.0)),
    "left": (_("the left"), (0.0, 0.5)),
    "right": (_("the right"), (1.0, 0.5)),
}


def chosen_crop(name: str) -> tuple[float, float]:
    """Return the place of the part with this name in `_CROPS`; the middle for an unknown name."""
    return _CROPS.get(name, _CROPS[""])[1]


def written_video(platform: str, text: str) -> VideoAddress:
    """Return the video of a typed address, or of a platform and an id. Raises ValidationError."""
    text = text.strip()
    if text and not looks_like_an_address(text):
        if platform in Platform.values and is_video_id(platform, text):
            return VideoAddress(platform, text, None)
        raise ValidationError(
            _("Choose a platform, or enter the video’s address."), code="no_address"
        )
    if not text:
        raise ValidationError(_("Enter the address of the video first."), code="no_address")
    return read_video_address(text)


class VideoForm(VersionedForm):
    """The form of a video. Its id may be typed as an address, which also sets the platform.

    With `is_looked_up` the form shows what was sent again, and neither checks nor saves it.
    """

    instance: Video
    is_looked_up = False

    kept_picture = forms.CharField(label="", required=False, widget=forms.HiddenInput)

    crop = forms.ChoiceField(
        label=_("Part of a new thumbnail to keep"),
        choices=[(name, label) for name, (label, _centring) in _CROPS.items()],
        required=False,
        help_text=_("Of a picture that is higher or wider than 16:9."),
    )
    video_id = forms.CharField(
        label=_("Video id or address"),
        max_length=ADDRESS_LENGTH,
        widget=VideoAddressInput,
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
        if self.is_bound:
            self.name_kept_picture(self.data.get(self.add_prefix(KEPT), ""))

    def name_kept_picture(self, name: str) -> None:
        """Show a picture that is not saved yet, and put its name into the form's data."""
        if name and "thumbnail" in self.fields:
            data: Any = self.data  # a QueryDict, which is copied as such
            self.data = data.copy()
            cast(dict[str, Any], self.data)[self.add_prefix(KEPT)] = name
            widget = cast(ThumbnailInput, self.fields["thumbnail"].widget)
            widget.kept_url = kept_picture_url(name)

    def full_clean(self) -> None:
        if self.is_looked_up:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def is_valid(self) -> bool:
        return not self.is_looked_up and super().is_valid()

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
        self._take_kept_picture()
        return super().clean()

    def _take_kept_picture(self) -> None:
        """Set the picture that the form names, unless one was uploaded or the picture removed."""
        name = self.cleaned_data.get(KEPT, "")
        thumbnail = self.cleaned_data.get("thumbnail")
        if not name or thumbnail is False or isinstance(thumbnail, CleanImage):
            return
        try:
            self.cleaned_data["thumbnail"] = kept_picture(name)
        except LookupError:
            if "thumbnail" not in self.errors:
                self.add_error("thumbnail", _("The picture is gone. Fetch or upload it again."))

    def _crop(self) -> None:
        """Crop the chosen part out of a new thumbnail, instead of the middle."""
        name = self.cleaned_data.get("crop", "")
        if name and isinstance(self.cleaned_data.get("thumbnail"), CleanImage):
            upload = cast(UploadedFile[bytes], self.files[self.add_prefix("thumbnail")])
            self.cleaned_data["thumbnail"] = clean_image(upload, chosen_crop(name))


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
    added_video: Video | None = None
    """The video that saving the form has added."""

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
        """Set the video of an address, and its second unless one was entered. One query."""
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
        """Add the video of the entered address if no row has it yet."""
        if self._new_video is None:
            return
        platform, video_id, _second = self._new_video
        video, is_new = Video.objects.get_or_create(platform=platform, video_id=video_id)
        self.instance.video = video
        if is_new:
            self.added_video = video
            write.record(Action.ADDED, video)
