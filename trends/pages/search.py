"""The page of the search."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from trends.levels import Confidence, Status
from trends.pages._page import page_view, render_page
from trends.search.facets import FACETS, Choice
from trends.search.models import DocumentKind
from trends.search.results import LONGEST_QUERY, SearchResults, search


class SearchForm(forms.Form):
    """The words, and what narrows the results."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=LONGEST_QUERY,
        error_messages={"max_length": gettext_lazy("Write at most %(limit_value)d characters.")},
    )
    kind = forms.ChoiceField(choices=DocumentKind.choices, required=False)
    status = forms.ChoiceField(choices=Status.choices, required=False)
    confidence = forms.ChoiceField(choices=Confidence.choices, required=False)
    tag = forms.SlugField(required=False)
    audience = forms.SlugField(required=False)
    expert = forms.SlugField(required=False)
    year = forms.RegexField(r"\A[0-9]{4}\Z", required=False)


@page_view
def search_page(request: HttpRequest) -> HttpResponse:
    """What is found for `?q=`, narrowed by facets; a form where nothing is asked."""
    form = SearchForm(request.GET)
    form.is_valid()
    # A filter that there is not narrows nothing.
    asked = {name: form.cleaned_data.get(name, "") for name in ("q", *FACETS)}
    query = asked.pop("q")
    results = search(query, get_language(), chosen=asked, page=request.GET.get("page", 1))
    kept = {"q": query, **{name: value for name, value in asked.items() if value}}
    number = results.page.number
    shown = {**kept, **({"page": number} if number > 1 else {})} if query else {}
    context = {
        "form": form,
        "results": results,
        "facets": _facets(results, kept),
        "alone": [
            {"text": word, "count": count, "url": f"?{urlencode({'q': word})}"}
            for word, count in results.alone
        ],
        "narrowed": len(kept) > 1,
        "everything": f"?{urlencode({'q': query})}",
        "suggested": f"?{urlencode({'q': results.suggestion})}",
        "kept": f"{urlencode(kept)}&",
        "page_path": f"{request.path}?{urlencode(shown)}" if shown else request.path,
    }
    return render_page(request, "pages/search.html", context)


def _facets(results: SearchResults, kept: dict[str, str]) -> list[dict]:
    """The facets that narrow the results, as links; what is chosen links to the results without."""
    names = {
        "kind": _("Found in"),
        "status": _("Status"),
        "confidence": _("Confidence"),
        "tag": _("Tag"),
        "audience": _("Audience"),
        "expert": _("Expert"),
        "year": _("Since"),
    }
    return [
        {"name": names[facet], "choices": [_link(choice, facet, kept) for choice in choices]}
        for facet, choices in results.facets.items()
        if facet in kept or any(choice.count < results.total for choice in choices)
    ]


def _link(choice: Choice, facet: str, kept: dict[str, str]) -> dict:
    is_chosen = kept.get(facet) == choice.value
    others = {name: value for name, value in kept.items() if name != facet}
    query = others if is_chosen else {**others, facet: choice.value}
    return {"choice": choice, "is_chosen": is_chosen, "url": f"?{urlencode(query)}"}
