"""The search page: trends that contain the words asked for, filtered by facets."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trends.pages._filters import filter_panel
from trends.pages._page import page_view, render_page
from trends.queries.filters import TrendFilters, ValuesField
from trends.search.models import DocumentKind
from trends.search.results import LONGEST_QUERY, SearchResults, search


class SearchFilters(TrendFilters):
    """The words searched for, and the facets, one of them the kind of text that contains them."""

    q = forms.CharField(
        label=_("Search"),
        initial="",
        required=False,
        max_length=LONGEST_QUERY,
        error_messages={"max_length": _("Write at most %(limit_value)d characters.")},
    )
    kind = ValuesField(choices=DocumentKind.choices, label=_("Found in"))

    field_order = ["q", "kind"]

    @property
    def complaints(self) -> list[str]:
        """The errors of the facets; those of the words are beside their field."""
        return [text for text in super().complaints if text not in self["q"].errors]


@page_view
def search_page(request: HttpRequest) -> HttpResponse:
    form = SearchFilters(request.GET)
    words = form.cleaned_data["q"]
    results = search(words, get_language(), chosen=form.chosen, page=request.GET.get("page"))
    shown = form.query(page=results.page.number) if words else ""
    context = {
        **_content(form, results, request.path),
        "page_path": f"{request.path}?{shown}" if shown else request.path,
    }
    return render_page(request, "pages/search.html", context)


def _content(form: SearchFilters, results: SearchResults, path: str) -> dict[str, Any]:
    """Gather what the page shows of the results."""
    words = {"q": results.query}
    return {
        "form": form,
        "results": results,
        "filters": filter_panel(
            form, results.facets, path=path, cleared=f"{path}?{urlencode(words)}", kept=words
        ),
        "kept": f"{form.query()}&",
        "suggested": f"?{urlencode({'q': results.suggestion})}",
        "alone": [
            {"text": word, "count": count, "url": f"?{urlencode({'q': word})}"}
            for word, count in results.alone
        ],
    }
