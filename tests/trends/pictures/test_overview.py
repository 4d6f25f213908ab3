"""The overview as a picture: what a reader sees in the SVG, at both widths."""

import datetime
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.days import today
from tests.support.make import date, make_trend
from tests.support.svg import Drawn
from trends.levels import Confidence, Status
from trends.models import Assessment, TaggedTrend, Trend
from trends.pages import index as overview
from trends.pictures import overview as overview_picture
from trends.pictures.overview import FEW, MOST_TRENDS, SOME, build_overview_picture
from trendsite.shared.models import Tag

FIRST_DAY = datetime.date(2025, 1, 1)
ORDER = ["emerging", "growing", "established", "declining"]


def trend(
    slug: str,
    status: str = "growing",
    confidence: str = "medium",
    tag: str | None = "policy",
    *,
    title: str | None = None,
    came_from: tuple[str, str] | None = None,
    is_new: bool = False,
    published: datetime.date = FIRST_DAY,
    **values,
) -> Trend:
    values = {"title_en": title or f"Title of {slug}", **values}
    made = Trend(
        pk=1, slug=slug, status=status, confidence=confidence, published=published, **values
    )
    tags = [Tag(slug=tag, name=tag, label_en=f"Tag {tag}")] if tag else []
    # As if read by `for_list()`, without a database.
    made._prefetched_objects_cache = {"tagged": [TaggedTrend(tag=tag) for tag in tags]}
    made.is_new, made.has_moved = is_new, came_from is not None
    made.status_before, made.confidence_before = came_from or (None, None)
    made.reviewed, made.judged_status, made.judged_confidence = None, status, confidence
    return made


def html(trends: list[Trend]) -> str:
    picture = build_overview_picture(trends)
    return render_to_string(
        "components/overview_picture.html",
        {"picture": picture, "recent_days": 90, "list": "#trends"},
    )


class Overview(Drawn):
    """One width of the picture."""

    def marks(self, slug: str) -> list[tuple[str, float, float]]:
        """What is drawn for a trend: the form, and where its centre is."""
        return [
            (
                re.sub(r"#overview-(?:wide|narrow)-", "", use.get("href")),
                float(use.get("x")),
                float(use.get("y")),
            )
            for use in self.links()[slug].iter("use")
        ]

    def place(self, slug: str, form: str) -> tuple[float, float]:
        return next((x, y) for name, x, y in self.marks(slug) if name == form)


def drawn(trends: list[Trend]) -> list[Overview]:
    """For wide containers, and for narrow ones."""
    root = ElementTree.fromstring(html(trends))
    return [Overview(svg) for svg in root.iter("svg") if svg.get("role") == "group"]


def test_no_trend_makes_no_picture_and_too_many_neither():
    assert build_overview_picture([]) is None
    many = [trend(f"t{n}") for n in range(MOST_TRENDS + 1)]
    assert build_overview_picture(many) is None
    assert build_overview_picture(many[1:]) is not None


def test_columns_follow_the_way_from_emerging_to_declining():
    wide, _narrow = drawn([trend(status, status) for status in ORDER])
    xs = [wide.place(status, status)[0] for status in ORDER]
    assert xs == sorted(set(xs))
    steps = [later - earlier for earlier, later in pairwise(xs)]
    assert steps[2] > steps[1] == steps[0]  # declining stands apart


def test_bands_follow_it_downwards_on_a_phone():
    _wide, narrow = drawn([trend(status, status) for status in ORDER])
    ys = [narrow.place(status, status)[1] for status in ORDER]
    assert ys == sorted(set(ys))


def test_trends_with_one_leading_tag_stand_in_one_row():
    wide, _narrow = drawn(
        [trend("a", "growing", tag="x"), trend("b", "declining", tag="x"), trend("c", tag="y")]
    )
    rows = [wide.place("a", "growing")[1], wide.place("b", "declining")[1]]
    assert len(set(rows)) == 1
    assert wide.place("c", "growing")[1] > rows[0]
    assert [words.text for words in wide.words if words.text.startswith("Tag")] == [
        "Tag x",
        "Tag y",
    ]


def test_trends_without_a_tag_and_rare_tags_have_rows_too():
    trends = [trend(f"t{n}-{m}", tag=f"tag-{n:02}") for n in range(12) for m in range(2)]
    for picture in drawn([*trends, trend("rare", tag="zz"), trend("bare", tag=None)]):
        names = " ".join(words.text for words in picture.words)
        assert "other tags" in names
        assert "no tag" in names
        assert "Tag zz" not in names


@pytest.mark.parametrize("status", ORDER)
@pytest.mark.parametrize("confidence", ["low", "medium", "high"])
def test_marks_and_name_say_the_judgement(status, confidence):
    for picture in drawn([trend("a", status, confidence)]):
        assert [form for form, _x, _y in picture.marks("a")] == [status, confidence]
        assert picture.links()["a"].get("aria-label") == (
            f"Title of a. Status: {status}. Confidence: {confidence}."
        )


@pytest.mark.parametrize(
    ("values", "form", "note"),
    [
        ({"is_new": True}, "new", "new"),
        ({"came_from": ("emerging", "medium")}, "forward", "from emerging"),
        ({"came_from": ("established", "medium")}, "back", "from established"),
        ({"came_from": ("growing", "low")}, "surer", "confidence up"),
        ({"came_from": ("growing", "high")}, "less-sure", "confidence down"),
        ({"is_new": True, "came_from": ("emerging", "low")}, "new", "new, from emerging"),
    ],
)
def test_new_and_moved_trends_are_told_by_form_and_in_words(values, form, note):
    for picture in drawn([trend("a", **values)]):
        assert form in [name for name, _x, _y in picture.marks("a")]
        assert note in [words.text for words in picture.words]
        assert picture.links()["a"].get("aria-label").startswith(f"Title of a {note}. Status: ")


def test_way_that_a_trend_came_is_drawn_where_it_is_free():
    moved = trend("a", "established", came_from=("growing", "medium"))
    wide, narrow = drawn([moved])
    assert [form for form, _x, _y in wide.marks("a")] == [
        "growing",
        "forward",
        "established",
        "medium",
    ]
    assert "growing" not in [form for form, _x, _y in narrow.marks("a")]
    wide, _narrow = drawn([moved, trend("b", "growing")])
    assert "growing" not in [form for form, _x, _y in wide.marks("a")]


@pytest.mark.parametrize("number", [1, FEW + 1, SOME + 1])
def test_links_are_named_as_they_read(number):
    title = "A title so long that it is cut where there are many others beside it in the picture"
    trends = [
        trend(f"a{n}", title_en=title, is_new=True, came_from=("emerging", "low"))
        for n in range(number)
    ]
    for picture in drawn(trends):
        link = picture.links()["a0"]
        read = " ".join("".join(link.itertext()).split())
        assert link.get("aria-label").startswith(f"{read}. Status: growing. Confidence: medium.")
        assert title in link.get("aria-label")


def test_titles_are_those_of_the_page_and_say_when_they_are_not():
    trends = [trend("a", title_ja="訓練より応用"), trend("b")]
    with translation.override("ja"):
        for picture in drawn(trends):
            texts = {slug: link.find("text") for slug, link in picture.links().items()}
            assert texts["a"].get("lang") is None
            assert "".join(texts["a"].itertext()).replace(" ", "") == "訓練より応用"
            assert texts["b"].get("lang") == "en"


def test_nothing_in_a_title_is_markup():
    assert "<script>" not in html([trend("a", title="<script>alert(1)</script>")])


def test_numbers_are_written_for_machines_in_every_language(settings):
    settings.USE_THOUSAND_SEPARATOR = True
    with translation.override("de"):
        assert all(",5" not in part for part in html([trend("a")]).split('"')[1::2])


TITLES = st.one_of(
    st.text(alphabet="abcdefg WM", min_size=1, max_size=90),
    st.text(alphabet="応用訓練データの、ー価格「」AI", min_size=1, max_size=60),
    st.text(min_size=1, max_size=30),
).map(lambda text: " ".join(text.split()))
TRENDS = st.lists(
    st.builds(
        trend,
        st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True),
        st.sampled_from(Status.values),
        st.sampled_from(Confidence.values),
        st.one_of(st.none(), st.sampled_from([f"tag-{n}" for n in range(15)])),
        title=TITLES.filter(lambda title: title and title.isprintable()),
        came_from=st.one_of(
            st.none(), st.tuples(st.sampled_from(Status.values), st.sampled_from(Confidence.values))
        ),
        is_new=st.booleans(),
        published=st.dates(FIRST_DAY, FIRST_DAY + datetime.timedelta(9)),
    ),
    min_size=1,
    max_size=70,
    unique_by=lambda made: made.slug,
)
CROWD = [
    trend(f"t{n:03}", ORDER[n * 7 % 4], tag=f"tag-{n * n % 14}", title="Wide words " * 5)
    for n in range(150)
]


@settings(max_examples=25, deadline=None)
@example(CROWD)
@given(TRENDS)
def test_nothing_overlaps_and_all_is_inside(trends):
    for picture in drawn(trends):
        assert set(picture.links()) == {made.slug for made in trends}
        words = picture.words
        for one, other in combinations(words, 2):
            assert not one.touches(other), (one, other)
        for line in words:
            assert line.left >= 0
            assert line.right <= picture.width
            assert line.top >= 0
            assert line.bottom <= picture.height
        for slug in picture.links():
            for _form, x, y in picture.marks(slug):
                assert 8 <= x <= picture.width - 8
                assert 7 <= y <= picture.height - 7


@settings(max_examples=25, deadline=None)
@given(TRENDS, st.randoms(use_true_random=False))
def test_order_of_the_trends_does_not_matter(trends, random):
    shuffled = list(trends)
    random.shuffle(shuffled)
    assert html(shuffled) == html(trends)


def test_what_comes_and_goes_elsewhere_moves_nothing():
    trends = [trend(f"t{n}", tag="a") for n in range(5)]
    before = drawn(trends)
    for others in (
        [trend("elsewhere", tag="b")],
        [trend("later", "emerging", tag="a", published=FIRST_DAY + datetime.timedelta(1))],
    ):
        wide = drawn([*trends, *others])[0]
        for made in trends:
            assert wide.place(made.slug, "growing") == before[0].place(made.slug, "growing")


def test_a_newcomer_takes_no_slot_from_those_before_it():
    later = FIRST_DAY + datetime.timedelta(1)
    for n in range(30):
        # Seven in a row that has room for eight.
        trends = [trend(f"t{n}-{m}") for m in range(7)]
        before = drawn(trends)[0]
        after = drawn([*trends, trend(f"new-{n}", published=later)])[0]
        for made in trends:
            assert after.place(made.slug, "growing") == before.place(made.slug, "growing")


@pytest.mark.django_db
class TestOnTheIndex:
    def test_filters_act_on_the_picture_and_the_list_alike(self, client):
        make_trend("a", status="growing")
        make_trend("b", status="emerging")
        page = client.get("/en/?status=emerging").content.decode()
        figure = page[page.index("<figure") : page.index("</figure>")]
        assert figure.count('href="/en/trends/b/"') == 2
        assert 'href="/en/trends/a/"' not in page

    def test_movement_is_read_from_the_assessments(self, client):
        made = make_trend("a", status="growing")
        for on, status in (("2020", "emerging"), (str(today()), "growing")):
            Assessment.objects.create(trend=made, date=date(on), status=status, confidence="medium")
        assert "Title of a from emerging. Status: growing." in client.get("/en/").content.decode()

    def test_too_many_trends_are_counted_and_asked_to_be_filtered(self, client, monkeypatch):
        for module in (overview, overview_picture):
            monkeypatch.setattr(module, "MOST_TRENDS", 1)
        make_trend("a")
        make_trend("b")
        page = client.get("/en/").content.decode()
        assert "overview-picture" not in page
        assert "filter to see it" in page
