"""The search page: trends that contain the words asked for, filtered by facets."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trends.pages._filters import FilterPanel
from trends.pages._page import page_view, render_page
from trends.queries.facets import trends_in_words
from trends.queries.filters import TrendFilters, ValuesField
from trends.search.models import DocumentKind
from trends.search.results import LONGEST_QUERY, SearchResults, search
from trendsite.shared.head import Head
from trendsite.shared.paths import path_to
from trendsite.shared.text.normal_form import check_characters, normal_form
from trendsite.shared.translated import active_language


class SearchFilters(TrendFilters):
    """The search words, and the facets, one of which is the kind of text that has the words."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        initial="",
        required=False,
        max_length=LONGEST_QUERY,
        widget=forms.SearchInput,
        error_messages={"max_length": gettext_lazy("Enter at most %(limit_value)d characters.")},
    )
    kind = ValuesField(choices=DocumentKind.choices, label=gettext_lazy("Found in"))

    field_order = ["q", "kind"]

    def clean_q(self) -> str:
        """Return the words in the normal form, in which texts are stored."""
        words = normal_form(self.cleaned_data["q"], one_line=True)
        check_characters(words)
        return words

    @property
    def complaints(self) -> list[str]:
        """Return the errors of the facets. Those of the words are beside their field."""
        return [text for text in super().complaints if text not in self["q"].errors]


@page_view
def search_page(request: HttpRequest) -> HttpResponse:
    """Show the trends that contain the search words, or an empty search field."""
    form = SearchFilters(request.GET)
    words = form.cleaned_data["q"]
    language = active_language()
    results = search(words, language, chosen=form.chosen, page=request.GET.get("page"))
    shown = form.query(page=results.page.number) if words else ""
    head = Head(
        title=_("Search: %(query)s") % {"query": results.query} if results.query else _("Search"),
        path=f"{request.path}?{shown}" if shown else request.path,
        description=_("Search titles, texts, quotations, names and sources in any language"),
    )
    return render_page(request, "pages/search.html", head, _gather(form, results, request.path))


def _gather(form: SearchFilters, results: SearchResults, path: str) -> dict[str, Any]:
    """Return the data of the page for search results."""
    words = {"q": results.query}
    return {
        "form": form,
        "results": results,
        "filters": FilterPanel(
            form=form,
            facets=results.facets,
            state=ngettext(
                "%(total)s trend for “%(query)s”", "%(total)s trends for “%(query)s”", results.total
            )
            % {"total": results.total, "query": results.query},
            path=path,
            cleared=f"{path}?{urlencode(words)}",
            kept=words,
        ),
        "levels": f"{path_to('index')}#levels",
        "kept": f"{form.query()}&",
        "suggested": f"?{urlencode({'q': results.suggestion})}",
        "alone": [
            {
                "text": word,
                "count": count,
                "count_text": _("very many trends") if count is None else trends_in_words(count),
                "url": f"?{urlencode({'q': word})}",
            }
            for word, count in results.alone
        ],
    }
