"""The list of all experts, tags or audiences."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from trends.formats.structured_data import directory_data
from trends.pages._page import page_path, page_view, render_page
from trends.queries.vocabularies import Directory
from trendsite.shared.head import Head
from trendsite.shared.translated import active_language

ROWS_A_PAGE = 100


@page_view
def directory_page(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Show the experts, tags or audiences of published trends, by name."""
    language = active_language()
    page = Paginator(directory.rows(language), ROWS_A_PAGE).get_page(request.GET.get("page"))
    head = Head(
        title=directory.heading,
        description=directory.lead,
        path=page_path(request, page=page),
        structured_data=directory_data(directory, page, request.path, language),
    )
    return render_page(
        request, "pages/directory.html", head, {"directory": directory, "page": page}
    )
