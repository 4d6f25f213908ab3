"""Bases of the admin that fetch data of videos, on an editor's click or for a newly added video.

Nothing is fetched inside a transaction, so a slow platform holds no lock that others wait for.
"""

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from quotes.forms import KEPT, LOOK_UP, VideoForm, chosen_crop, written_video
from quotes.kept_pictures import keep_picture
from quotes.models import Video
from quotes.platforms import Platform
from quotes.video_lookup import LookupFailedError, VideoFacts, look_up_video
from trendsite.shared.admin.editors import EditorsAdmin
from trendsite.shared.images.uploads import CleanImage, clean_image
from trendsite.shared.merging.held_requests import held_of
from trendsite.shared.paths import form_path
from trendsite.shared.text.enumerations import enumerated
from trendsite.shared.writes import Action, writing

logger = logging.getLogger(__name__)


def label_of(name: str) -> str:
    """Return the label of a field of videos."""
    field: Any = Video._meta.get_field(name)
    return str(field.verbose_name)


class VideoLookupAdmin(EditorsAdmin):
    """Base of the admin of videos, with a button that fetches title, channel, day and picture.

    The button submits the form. The answer shows the form again, not saved, with what was typed
    and what was fetched. A form with errors also comes back with its uploaded picture.
    """

    change_form_template = "admin/quotes/video/change_form.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        message: str | SafeString = ""
        if LOOK_UP in request.POST:
            video = self.get_object(request, unquote(object_id)) if object_id else None
            if self._may_save(request, video) and settings.VIDEO_LOOKUP:
                message = self._look_up(request, video)
        context = {**(extra_context or {}), "looked_up": message}
        return super().changeform_view(request, object_id, form_url, context)

    def _may_save(self, request: HttpRequest, video: Video | None) -> bool:
        if video is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, video)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.is_looked_up = LOOK_UP in request.POST
        return form  # type: ignore[no-any-return]

    def _look_up(self, request: HttpRequest, video: Video | None) -> str | SafeString:
        """Fill the empty fields of the submitted form, and return the message for the editor."""
        post = request.POST.copy()
        request.POST = post  # type: ignore[assignment]
        problem = self._keep_upload(request, post)
        try:
            address = written_video(post.get("platform", ""), post.get("video_id", ""))
        except ValidationError as error:
            return " ".join([*problem, *error.messages])
        platform, video_id, _second = address
        post["platform"], post["video_id"] = platform, video_id
        try:
            facts = look_up_video(platform, video_id)
        except LookupFailedError as failure:
            return " ".join([*problem, str(failure), _("Enter title and picture by hand.")])
        found = {"title": facts.title, "channel": facts.channel, "date": str(facts.date or "")}
        filled = []
        for name, text in found.items():
            if text and not post.get(name, "").strip():
                post[name] = text
                filled.append(label_of(name))
        has_picture = post.get(KEPT) or (video and video.thumbnail)
        if facts.picture and not has_picture and not problem:
            try:
                post[KEPT] = keep_picture(facts.picture)
                filled.append(label_of("thumbnail"))
            except OSError as error:
                logger.error("A fetched picture was not stored: %s", error)
        words = {"platform": Platform(platform).label, "things": enumerated(filled)}
        message = (
            _("Fetched from %(platform)s: %(things)s. Check it, then save.") % words
            if filled
            else _("%(platform)s has nothing to add.") % words
        )
        return " ".join([*problem, capfirst(message)])

    def _keep_upload(self, request: HttpRequest, post: QueryDict) -> list[str]:
        """Store a picture that was uploaded with the form, and return the errors in it."""
        upload: Any = request.FILES.get("thumbnail")
        if upload is None:
            return []
        try:
            clean = clean_image(upload, chosen_crop(post.get("crop", "")))
            post[KEPT] = keep_picture(clean)
        except ValidationError as error:
            return list(error.messages)
        except OSError as error:
            logger.error("An upload was not stored: %s", error)
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if isinstance(form, VideoForm) and form.is_bound:
            self._keep_picture_of(form)
        return super().render_change_form(request, context, *args, **kwargs)

    def _keep_picture_of(self, form: VideoForm) -> None:
        """Store the picture uploaded with a form with errors, and put its name into the form."""
        clean = getattr(form, "cleaned_data", {}).get("thumbnail")
        if isinstance(clean, CleanImage):
            try:
                form.name_kept_picture(keep_picture(clean))
            except OSError as error:
                logger.error("An upload was not stored: %s", error)


class VideoFillingAdmin(EditorsAdmin):
    """Base of the admin of mentions, which fetches title and picture of a video that a save added.

    It saves these in a write of their own after the save, so the save depends on no platform.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        response = super().changeform_view(request, object_id, form_url, extra_context)
        video: Video | None = getattr(request, "added_video", None)
        if video is not None and held_of(request).is_saved and settings.VIDEO_LOOKUP:
            self._fill(request, video)
        return response

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: list[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        request.added_video = getattr(form, "added_video", None)  # type: ignore[attr-defined]

    def _fill(self, request: HttpRequest, video: Video) -> None:
        link = format_html('<a href="{}">{}</a>', form_path(video), video)
        try:
            facts = look_up_video(video.platform, video.video_id)
            video = self._save(request, video, facts)
        except Video.DoesNotExist:
            text = _("“%(video)s” was deleted while its title and picture were fetched.")
            self.message_user(request, text % {"video": video}, messages.WARNING)
            return
        except (LookupFailedError, ValidationError) as failure:
            reason = " ".join(getattr(failure, "messages", [str(failure)]))
        except (DatabaseError, OSError) as error:
            logger.error("What was fetched of %s was not saved: %s", video, error)
            reason = _("What was fetched could not be saved.")
        else:
            text = _("Added the video “%(video)s” (%(channel)s).")
            words = {"video": video.title or video, "channel": video.channel or video.platform}
            self.message_user(request, text % words, messages.SUCCESS)
            return
        text = _("{reason} Enter title and picture of {video} by hand.")
        note = format_html(text, reason=reason, video=link)
        self.message_user(request, note, messages.WARNING)

    def _save(self, request: HttpRequest, video: Video, facts: VideoFacts) -> Video:
        with writing(self.provenance(request)) as write:
            video = Video.locked(video.pk)
            write.announce([video])
            video.title = video.title or facts.title
            video.channel = video.channel or facts.channel
            video.date = video.date or facts.date
            if facts.picture and not video.thumbnail:
                field: Any = Video._meta.get_field("thumbnail")
                field.assign(video, facts.picture)
            video.full_clean()
            video.count_change()
            video.save()
            write.record(Action.CHANGED, video)
        return video
