"""Forms of evidence."""

from typing import Any

from django.contrib.admin.widgets import AdminFileWidget
from django.utils.translation import gettext_lazy as _

from quotes.models import Mention, Source, Video
from quotes.moments import MomentFormField
from trendsite.shared.forms import VersionedForm


class SourceForm(VersionedForm):
    class Meta:
        model = Source
        fields = ["url", "title", "publisher", "origin", "date", "language", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].required = False
            self.fields["key"].help_text = _(
                "A short name used in data files, such as gartner-2025-iaas. If empty, it "
                "is made from publisher, date and title."
            )


class ThumbnailInput(AdminFileWidget):
    """A file input that shows the present picture."""

    template_name = "admin/widgets/thumbnail_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": "image/jpeg,image/png,image/webp,image/avif", **(attrs or {})})


class VideoForm(VersionedForm):
    class Meta:
        model = Video
        fields = ["platform", "video_id", "title", "channel", "date", "thumbnail"]
        widgets = {"thumbnail": ThumbnailInput}


class MentionForm(VersionedForm):
    start = MomentFormField(
        label=_("Start"),
        required=False,
        help_text=_("Where the quotation starts in the video, such as 12:34 or 1:02:03."),
    )

    class Meta:
        model = Mention
        fields = ["expert", "original", "language", "video", "start", "source"]
