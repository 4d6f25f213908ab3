"""A row gets another slug: its old addresses lead to the new one."""

import io

import pytest
from django.core.management import call_command

from quotes.models import Expert, Mention
from tests.support.days import today, tomorrow
from tests.support.editing import (
    errors,
    filled,
    form_data,
    make_editor,
    make_staff,
    send,
    trend_url,
)
from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    WHOLE,
    changed,
    load,
    load_texts,
    refusal,
    refusal_of,
    snapshot,
    write,
)
from tests.support.make import (
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
)
from tests.support.query_counts import TREND_PAGE_QUERIES
from tests.support.reading import by_id, by_role, parse, read, trend_rows, words
from trends.models import Audience, Driver, Trend, TrendMention
from trendsite.shared.former_slugs import FormerSlug
from trendsite.shared.models import Tag

pytestmark = pytest.mark.django_db


def rename(row, slug: str):
    setattr(row, row.address_field, slug)
    row.save()
    return row


def leads_to(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 301, address
    return response["Location"]


def former(row) -> list[str]:
    return sorted(row.former_slugs.values_list("slug", flat=True))


# Where old addresses lead


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("end", ["/", ".json", ".md"])
def test_every_form_of_a_trend_is_found_under_its_old_slug(client, language, end):
    rename(make_trend("old"), "new")
    assert leads_to(client, f"/{language}/trends/old{end}") == f"/{language}/trends/new{end}"
    response = client.get(f"/{language}/trends/old{end}", follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    ("make", "path"),
    [
        (make_tag, "tags/{}/"),
        (make_tag, "tags/{}/feed.atom"),
        (make_tag, "tags/{}/feed.json"),
        (make_audience, "audiences/{}/"),
        (make_audience, "audiences/{}/feed.atom"),
        (make_expert, "experts/{}/"),
        (make_expert, "experts/{}/feed.json"),
        (make_source, "sources/{}/"),
    ],
)
def test_every_page_and_feed_is_found_under_its_old_slug(client, language, make, path):
    rename(make("old"), "new")
    old, new = (f"/{language}/{path.format(slug)}" for slug in ("old", "new"))
    assert leads_to(client, old) == new
    assert client.get(new).status_code == 200


def test_the_query_string_goes_along(client):
    rename(make_tag("old"), "new")
    assert leads_to(client, "/en/tags/old/?page=2&q=%E8%A8%93") == (
        "/en/tags/new/?page=2&q=%E8%A8%93"
    )


def test_a_redirect_is_asked_for_again_and_open_to_programs(client):
    rename(make_trend("old"), "new")
    assert client.get("/en/trends/old/")["Cache-Control"] == "no-cache"
    assert client.get("/en/trends/old.json")["Access-Control-Allow-Origin"] == "*"
    assert client.head("/en/trends/old.md").status_code == 301
    assert client.post("/en/trends/old/").status_code == 405


def test_all_that_a_row_was_called_leads_to_what_it_is_called_now(client):
    trend = make_trend("one")
    for slug in ("two", "three"):
        rename(trend, slug)
    for slug in ("one", "two"):
        assert leads_to(client, f"/en/trends/{slug}/") == "/en/trends/three/"
    rename(trend, "one")
    assert client.get("/en/trends/one/").status_code == 200
    assert former(trend) == ["three", "two"]


def test_what_is_called_so_now_comes_before_what_was(client):
    first = rename(make_trend("name"), "first")
    make_trend("name", title_en="The present one")
    assert "The present one" in client.get("/en/trends/name/").content.decode()
    assert former(first) == []
    Trend.objects.get(slug="name").delete()
    assert client.get("/en/trends/name/").status_code == 404


def test_a_slug_is_the_former_one_of_the_last_that_had_it(client):
    rename(make_tag("name"), "first")
    rename(make_tag("name"), "second")
    assert leads_to(client, "/en/tags/name/") == "/en/tags/second/"
    # A tag and an audience may have been called alike.
    rename(make_audience("name"), "readers")
    assert leads_to(client, "/en/audiences/name/") == "/en/audiences/readers/"


@pytest.mark.parametrize("day", [None, tomorrow], ids=["draft", "scheduled"])
def test_what_readers_do_not_see_is_not_found_by_its_old_slug_either(client, day):
    rename(make_trend("old", published=day and day()), "new")
    for end in ("/", ".json", ".md"):
        assert client.get(f"/en/trends/old{end}").status_code == 404
    assert client.get("/en/trends/old.json").json()["error"]


def test_what_was_never_there_is_not_found(client):
    for path in ("trends/no/", "trends/no.md", "tags/no/", "experts/no/feed.atom", "sources/no/"):
        assert client.get(f"/en/{path}").status_code == 404


@pytest.mark.parametrize("fields", [["title_en"], ["slug"]], ids=str)
def test_the_old_slug_is_remembered_of_a_row_of_which_not_all_was_read(fields):
    make_trend("before")
    trend = Trend.objects.only(*fields).get()
    trend.slug = "after"
    trend.save()
    assert Trend.objects.get(slug="after").former_names() == ["before"]


def test_the_old_slug_is_remembered_though_something_else_was_read_anew():
    trend = make_trend("before")
    trend.slug = "after"
    trend.refresh_from_db(fields=["title_en"])
    trend.save()
    assert trend.former_names() == ["before"]


def test_a_row_of_which_the_slug_was_not_read_is_saved_without_it():
    make_trend("before")
    trend = Trend.objects.only("title_en").get()
    trend.title_en = "Other"
    trend.save()
    trend = Trend.objects.get()
    assert (trend.slug, trend.title_en, trend.former_names()) == ("before", "Other", [])


def test_old_addresses_go_with_their_row():
    trend, tag = rename(make_trend("old"), "new"), rename(make_tag("old"), "new")
    Trend.objects.all().delete()
    tag.delete()
    assert not FormerSlug.objects.exists()
    assert trend.slug == "new"


def test_old_values_of_filters_break_nothing(client):
    rename(make_tag("old"), "new")
    rename(make_trend("old", tags=["new"]), "new")
    assert trend_rows(read(client, "/en/?tag=old")) == []
    assert client.get("/api/trends.json?tag=old").json()["trends"] == []
    assert words(by_role(read(client, "/en/changes/?trend=old"), "alert")[0])


def test_only_what_is_not_found_costs_a_query(client, django_assert_num_queries):
    trend = make_trend("old", tags=["strategy"], drivers=2, mentions=2, timeline=2, assessments=2)
    client.get("/en/trends/old/")
    rename(trend, "new")
    client.get("/en/trends/old/")
    with django_assert_num_queries(2):  # the present slug, the former one
        client.get("/en/trends/old/")
    with django_assert_num_queries(TREND_PAGE_QUERIES):
        client.get("/en/trends/new/")


@pytest.mark.searched
def test_a_save_that_renames_nothing_writes_no_more_than_the_row(django_assert_num_queries):
    tag = make_tag("name")
    tag = Tag.objects.get()
    tag.label_en = "another"
    # The texts before, the row, the trends whose index it stands in, the states of its
    # translations, and the one that is out of date now.
    with django_assert_num_queries(5):
        tag.save()


def test_links_to_items_stay_when_a_trend_and_an_expert_are_renamed(client):
    trend = make_trend("old", drivers=1)
    mention = make_mention(expert=make_expert("before"))
    TrendMention.objects.create(trend=trend, mention=mention)
    rename(trend, "new")
    rename(mention.expert, "after")
    page = parse(client.get("/en/trends/old/", follow=True).content.decode())
    assert by_id(page, "driver-driver-0") is not None
    assert by_id(page, f"quotation-{mention.key}") is not None
    assert mention.key.startswith("before-")


# The admin


@pytest.mark.parametrize(
    ("make", "path", "field"),
    [
        (make_tag, "trendsite/tag", "slug"),
        (make_audience, "trends/audience", "slug"),
        (make_expert, "quotes/expert", "slug"),
        (make_source, "quotes/source", "key"),
    ],
)
def test_an_editor_renames_and_gives_up_the_old_address(client, make, path, field):
    client.force_login(make_editor())
    row = make("old")
    address = f"/admin/{path}/{row.pk}/change/"
    response = client.get(address)
    assert "Former addresses" not in response.content.decode()
    assert send(client, address, filled(response), **{field: "new"}).status_code == 302
    assert former(row) == ["old"]
    response = client.get(address)
    table = by_id(parse(response.content.decode()), f"{PREFIX}-group")
    assert words(table.find(".//h2")) == "Former addresses"
    assert words(table.find(".//td/p")) == "old"
    data = filled(response)
    assert send(client, address, data).status_code == 302
    assert former(row) == ["old"]
    assert send(client, address, data, **{f"{PREFIX}-0-DELETE": "on"}).status_code == 302
    assert former(row) == []


PREFIX = "trendsite-formerslug-content_type-object_id"


def test_a_trends_form_lists_its_old_addresses_and_gives_them_up(client):
    client.force_login(make_editor())
    trend = rename(rename(make_trend("one"), "two"), "three")
    response = client.get(trend_url(trend))
    table = by_id(parse(response.content.decode()), f"{PREFIX}-group")
    assert [words(cell) for cell in table.iterfind(".//td/p")] == ["one", "two"]
    response = send(client, trend_url(trend), filled(response), **{f"{PREFIX}-0-DELETE": "on"})
    assert response.status_code == 302
    assert former(trend) == ["two"]
    trend.refresh_from_db()
    assert trend.version == 1


def test_a_slug_of_another_is_refused_and_a_former_one_taken_over(client):
    client.force_login(make_editor())
    trend = rename(make_trend("one"), "two")
    other = make_trend("other")
    data = form_data(client, trend_url(other))
    refused = send(client, trend_url(other), data, slug="two")
    assert "already exists" in errors(refused)["slug"][0]
    assert send(client, trend_url(other), data, slug="one").status_code == 302
    assert (former(trend), former(other)) == ([], ["other"])


def test_who_may_change_a_trend_may_give_up_its_old_address(client):
    client.force_login(make_staff("change_trend", "view_trend", "publish_trend"))
    trend = rename(make_trend("one"), "two")
    data = form_data(client, trend_url(trend))
    response = send(client, trend_url(trend), data, **{f"{PREFIX}-0-DELETE": "on"})
    assert response.status_code == 302
    assert former(trend) == []


# Files


def pair(**changes) -> dict[str, str]:
    return {"vocabulary": VOCABULARY, "whole": WHOLE, **changes}


def hear(folder, **files: str) -> list[str]:
    err = io.StringIO()
    call_command("loaddata", *write(folder, **files), stdout=io.StringIO(), stderr=err)
    return err.getvalue().replace(f"{folder}/", "").splitlines()


def export_to(folder) -> dict[str, str]:
    call_command("export_trends", output=folder, verbosity=0)
    return {path.name: path.read_text() for path in folder.iterdir()}


NEW = ("trend: whole", "trend: new\n    formerly: [whole]")


def test_a_file_renames_a_trend_with_all_that_hangs_on_it(client, tmp_path):
    load_texts(tmp_path, **pair())
    before = Trend.objects.get()
    drivers = dict(Driver.objects.values_list("key", "pk"))
    assert hear(tmp_path, new=changed(WHOLE, NEW)) == []
    after = Trend.objects.get()
    assert (after.pk, after.slug, after.version) == (before.pk, "new", before.version + 1)
    assert dict(Driver.objects.values_list("key", "pk")) == drivers
    assert leads_to(client, "/ja/trends/whole/") == "/ja/trends/new/"
    unchanged = snapshot()
    assert hear(tmp_path, new=changed(WHOLE, NEW)) == []
    assert snapshot() == unchanged


def test_a_file_that_takes_an_old_slug_for_itself_says_so(tmp_path):
    load_texts(tmp_path, **pair())
    rename(Trend.objects.get(), "new")
    rename(Tag.objects.get(slug="product"), "goods")
    text = changed(WHOLE, ("tags: [strategy, product]", "tags: [strategy]"))
    assert hear(tmp_path, vocabulary=VOCABULARY, whole=text) == [
        "vocabulary.yaml: “product” led to “goods”, and is now separate",
        "vocabulary.yaml, line 3: “product” is probably the same as “goods”: both are “product”",
        "whole.yaml: “whole” led to “new”, and is now separate",
    ]
    assert not FormerSlug.objects.exists()


def test_entries_of_feeds_keep_their_ids(client):
    trend = make_trend("one", retired=today(), assessments=0)

    def ids() -> list[str]:
        items = client.get("/en/feed.json").json()["items"]
        return [item["id"] for item in items]

    before = ids()
    rename(rename(trend, "two"), "three")
    assert len(before) == 2
    assert ids() == before


def test_a_vocabulary_renames_tags_audiences_and_experts(client, tmp_path):
    load_texts(tmp_path, **pair())
    pks = [model.objects.get(slug=slug).pk for model, slug in RENAMED]
    vocabulary = changed(
        VOCABULARY,
        (
            "strategy: {en: strategy, ja: 戦略}",
            "tactics: {en: strategy, ja: 戦略, formerly: [strategy]}",
        ),
        ("enterprises: {en: Enterprises,", "firms: {formerly: [enterprises], en: Enterprises,"),
        ("mina-example:\n", "mina:\n        formerly: [mina-example]\n"),
    )
    whole = changed(
        WHOLE,
        ("tags: [strategy,", "tags: [tactics,"),
        ("audience: enterprises", "audience: firms"),
    ).replace("mina-example", "mina")
    paths = write(tmp_path, vocabulary=vocabulary, whole=whole)
    load(*reversed(paths))
    assert [Tag.objects.get(slug="tactics").pk, Audience.objects.get(slug="firms").pk] == pks[:2]
    assert Tag.objects.get(slug="tactics").name == "tactics"
    assert Expert.objects.get(slug="mina").pk == pks[2]
    assert leads_to(client, "/en/tags/strategy/") == "/en/tags/tactics/"
    assert leads_to(client, "/en/audiences/enterprises/") == "/en/audiences/firms/"
    assert leads_to(client, "/en/experts/mina-example/") == "/en/experts/mina/"
    unchanged = snapshot()
    load(*paths)
    assert snapshot() == unchanged
    first = export_to(tmp_path / "first")
    assert (
        "  tactics:\n    en: strategy\n    ja: 戦略\n    formerly: [strategy]\n"
        in (first["vocabulary.yaml"])
    )
    assert "    formerly: [mina-example]\n" in first["experts.yaml"]


RENAMED = [(Tag, "strategy"), (Audience, "enterprises"), (Expert, "mina-example")]


def test_old_addresses_come_back_from_an_export(client, tmp_path):
    load_texts(tmp_path, **pair())
    rename(rename(Trend.objects.get(), "b"), "c")
    for model, slug in RENAMED:
        rename(model.objects.get(slug=slug), f"new-{slug}")
    first = export_to(tmp_path / "first")
    assert first["c.yaml"].startswith("trend: c\nformerly: [whole, b]\nstatus: ")
    for model in (Trend, Mention, Audience, Tag, Expert):
        model.objects.all().delete()
    assert not FormerSlug.objects.exists()
    load(*sorted((tmp_path / "first").glob("*.yaml")))
    assert export_to(tmp_path / "second") == first
    assert leads_to(client, "/en/trends/whole/") == "/en/trends/c/"
    assert leads_to(client, "/en/tags/strategy/") == "/en/tags/new-strategy/"


def test_a_file_is_the_whole_truth_of_old_addresses_and_says_what_it_lets_go(tmp_path):
    load_texts(tmp_path, **pair())
    rename(Trend.objects.get(), "new")
    rename(Tag.objects.get(slug="product"), "goods")
    vocabulary = changed(VOCABULARY, ("product: {", "goods: {"))
    text = changed(
        WHOLE,
        ("trend: whole", "trend: new"),
        ("[strategy, product]", "[goods]"),
        ("tags: [product]", "tags: [goods]"),
    )
    assert hear(tmp_path, vocabulary=vocabulary, a=text) == [
        f"{file}.yaml: “{old}” no longer leads to “{new}”; write “formerly: [{old}]” beside it "
        "to keep its old address"
        for file, old, new in (("vocabulary", "product", "goods"), ("a", "whole", "new"))
    ]
    assert not FormerSlug.objects.exists()


@pytest.mark.parametrize(
    ("formerly", "lines"),
    [
        ("[whole]", ["a.yaml:2: formerly[0]: “whole” is its slug now"]),
        (
            "[Not One]",
            [
                "a.yaml:2: formerly[0]: Enter lower-case letters a–z and digits, with single "
                "hyphens between words."
            ],
        ),
        ("[one, one]", ["a.yaml:2: formerly[1]: “one” is already listed"]),
        ("one", ["a.yaml:2: formerly: write a list here"]),
    ],
    ids=["its own", "malformed", "twice", "no list"],
)
def test_an_old_slug_that_can_be_none_is_refused(tmp_path, formerly, lines):
    text = changed(WHOLE, ("trend: whole", f"trend: whole\n    formerly: {formerly}"))
    assert refusal_of(tmp_path, text) == lines


def test_the_slug_of_another_is_no_old_one(tmp_path):
    load_texts(tmp_path, **pair(minimal=MINIMAL))
    text = changed(WHOLE, ("trend: whole", "trend: whole\n    formerly: [minimal]"))
    assert refusal(*write(tmp_path, a=text)) == [
        "a.yaml:2: formerly[0]: “minimal” is in use by another"
    ]
    text = changed(WHOLE, ("trend: whole", "trend: new\n    formerly: [minimal, whole]"))
    assert refusal(*write(tmp_path, a=text)) == [
        "a.yaml:2: formerly[1]: “whole” is in use by another"
    ]
    rename(Trend.objects.get(slug="minimal"), "smallest")
    text = changed(WHOLE, ("trend: whole", "trend: whole\n    formerly: [minimal]"))
    assert refusal(*write(tmp_path, a=text)) == [
        "a.yaml:2: formerly[0]: “minimal” is a former slug of another"
    ]
    vocabulary = changed(
        VOCABULARY, ("product: {en: product,", "product: {formerly: [strategy], en: product,")
    )
    assert refusal(*write(tmp_path, v=vocabulary)) == [
        "v.yaml:3: tags.product.formerly[0]: “strategy” is already in v.yaml, line 2"
    ]


@pytest.mark.parametrize("files", [("a", "b"), ("b", "a")])
def test_files_of_a_run_do_not_share_a_slug_old_or_new(tmp_path, files):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    write(tmp_path, a=changed(WHOLE, NEW), b=WHOLE)
    (line,) = refusal(*(tmp_path / f"{name}.yaml" for name in files))
    assert "“whole” is already in " in line


def test_whoever_names_a_trend_by_its_old_slug_is_told_the_new_one(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    other = MINIMAL + "    related: [whole]\n"
    expected = ["b.yaml:6: related[0]: “whole” is now called “new”"]
    assert refusal(*write(tmp_path, a=changed(WHOLE, NEW), b=other)) == expected
    load_texts(tmp_path, a=changed(WHOLE, NEW))
    assert refusal(*write(tmp_path, b=other)) == expected


@pytest.mark.parametrize("files", [("v", "b"), ("b", "v")])
def test_whoever_names_a_tag_by_its_old_slug_is_told_the_new_one(tmp_path, files):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    vocabulary = changed(VOCABULARY, ("product: {", "goods: {formerly: [product], "))
    write(tmp_path, v=vocabulary, b=MINIMAL + "    tags: [product]\n")
    assert refusal(*(tmp_path / f"{name}.yaml" for name in files)) == [
        "b.yaml:6: tags[0]: “product” is now called “goods”"
    ]
    load(tmp_path / "v.yaml")
    assert refusal(tmp_path / "b.yaml") == ["b.yaml:6: tags[0]: “product” is now called “goods”"]
