"""The list of all experts, tags or audiences."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from trends.formats.structured_data import directory_data
from trends.pages._page import page_path, page_view, render_page
from trends.queries.vocabularies import Directory

ROWS_A_PAGE = 100


@page_view
def directory_page(request: HttpRequest, directory: Directory) -> HttpResponse:
    """The experts, tags or audiences that trends hang on, by name."""
    rows = directory.rows(get_language(), timezone.localdate())
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "directory": directory,
        "page": page,
        "page_path": page_path(request, page=page),
        "structured_data": directory_data(directory, page, request.path, get_language()),
    }
    return render_page(request, "pages/directory.html", context)
