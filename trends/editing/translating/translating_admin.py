"""The part of the admin of trends with the page for translators."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language_info, gettext, ngettext

from trends.editing.publishing.publication import begin
from trends.editing.publishing.publishing_admin import PublishingAdmin
from trends.editing.translating.saving import RefusedTranslationsError, save_translations
from trends.editing.translating.side_by_side import SideBySide, side_by_side
from trends.editing.translating.trend_texts import TrendText, fetch_trend
from trends.models import Trend
from trendsite.shared.revisions.version_pages import AdminPage
from trendsite.shared.translated import languages
from trendsite.shared.translators import TRANSLATE

# The prefixes of the fields of the form, before the name of a text.
_TEXT, _SEEN, _RIGHT = "text.", "seen.", "right."


class TranslatingAdmin(PublishingAdmin):
    """Base of the admin of trends: the page with two languages side by side."""

    def pages(self) -> dict[str, AdminPage]:
        view = self.translate_view
        return {**super().pages(), "translate": ("<int:pk>/translate/<str:language>/", view)}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["translate_links"] = self._translate_links(obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def _translate_links(self, trend: Trend) -> list[dict[str, str]]:
        """Return links to the page for each target language."""
        return [
            {
                "language": code,
                "name": get_language_info(code)["name_local"],
                "url": self._address("translate", trend.pk, code),
            }
            for code in languages()
        ]

    def may_translate(self, request: HttpRequest, text: TrendText) -> bool:
        """Return whether a user may write a text, by its row or as a translator into a language."""
        opts = text.place.owner._meta
        return request.user.has_perm(
            f"{opts.app_label}.change_{opts.model_name}"
        ) or request.user.has_perm(TRANSLATE.format(text.state.language))

    def translate_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Show the texts of a trend beside their sources, and save submitted translations."""
        trend = self.get_object(request, str(pk))
        if trend is None or language not in languages():
            raise Http404
        if not self.has_view_or_change_permission(request, trend):
            raise PermissionDenied
        if request.method == "POST":
            return self._save_translations(request, trend, language)
        return self._show(request, trend.pk, language)

    def _save_translations(self, request: HttpRequest, trend: Trend, language: str) -> HttpResponse:
        sent = _Sent(request)
        if trend.published and not self.may_publish(request):
            user: Any = request.user
            trend = begin(trend, user)
        try:
            count = save_translations(
                trend.pk,
                language,
                sent.texts,
                self.provenance(request),
                still_right=sent.right,
                seen=sent.seen,
                may_write=lambda text: self.may_translate(request, text),
            )
        except RefusedTranslationsError as error:
            return self._show(request, trend.pk, language, sent, error)
        text = ngettext("%(count)d text was saved.", "%(count)d texts were saved.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
        back = self._address("translate", trend.pk, language)
        return HttpResponseRedirect(f"{back}?show=all" if _shows_all(request) else back)

    def _show(
        self,
        request: HttpRequest,
        pk: int,
        language: str,
        sent: "_Sent | None" = None,
        error: RefusedTranslationsError | None = None,
    ) -> HttpResponse:
        trend = fetch_trend(pk)
        if trend is None:
            raise Http404
        page: SideBySide = side_by_side(
            trend,
            language,
            lambda text: self.may_translate(request, text),
            shows_all=_shows_all(request),
            typed=sent.texts if sent else None,
            errors=error.messages if error else None,
        )
        context = {
            "title": gettext("Translate “%(trend)s”") % {"trend": trend},
            "object": trend,
            "side": page,
            "is_refused": error is not None,
            "gone": [
                (message, sent.texts.get(name, ""))
                for name, message in (error.messages if sent and error else {}).items()
                if sent and name not in {item.text.name for item in page.texts}
            ],
            "links": [
                link for link in self._translate_links(trend) if link["language"] != language
            ],
        }
        return self._page(request, "admin/translating/side_by_side.html", context)


class _Sent:
    """The submitted values of the form, by the names of texts."""

    def __init__(self, request: HttpRequest) -> None:
        def named(prefix: str) -> dict[str, str]:
            return {
                name.removeprefix(prefix): str(value)
                for name, value in request.POST.items()
                if name.startswith(prefix)
            }

        self.texts = named(_TEXT)
        self.seen = named(_SEEN)
        self.right = list(named(_RIGHT))


def _shows_all(request: HttpRequest) -> bool:
    return request.GET.get("show") == "all"
