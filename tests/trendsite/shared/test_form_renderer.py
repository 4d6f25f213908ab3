"""What the renderer of forms writes itself is what Django's templates write."""

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList
from django.utils.safestring import mark_safe

from trendsite.shared.form_renderer import _WRITERS, FormRenderer

VALUES = [
    None,
    "",
    "text",
    "a < b & “c” \"d\" 'e'",
    "two\nlines\r\n",
    0,
    7,
    1.5,
    True,
    mark_safe("<b>"),
]
ATTRIBUTES = [
    {},
    {"id": "id_a", "required": True, "disabled": False, "maxlength": "20"},
    {"data-a": 'x"<y>', "class": mark_safe("a&amp;b"), "rows": 10, "title": None},
]
WIDGETS = [
    forms.TextInput,
    forms.NumberInput,
    forms.HiddenInput,
    forms.Textarea,
    forms.CheckboxInput,
]


def both(template_name: str, context: dict) -> tuple[str, str]:
    assert template_name in _WRITERS
    return (
        FormRenderer().render(template_name, context),
        TemplatesSetting().render(template_name, context),
    )


@pytest.mark.parametrize("widget", WIDGETS)
@pytest.mark.parametrize("attrs", ATTRIBUTES, ids=["none", "flags", "quoted"])
def test_widgets(widget, attrs):
    for value in VALUES:
        context = widget().get_context("na<me", value, attrs)
        ours, djangos = both(widget.template_name, context)
        assert ours == djangos


@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple])
@pytest.mark.parametrize("attrs", ATTRIBUTES, ids=["none", "flags", "quoted"])
def test_choices(widget, attrs):
    groups = [("Group <1>", [("b", "B & C"), (3, mark_safe("<i>D</i>"))])]
    for choices in ([], [("", "---"), ("a", "A")], [("", "---"), *groups, ("e", "E")]):
        for value in (["a", "3"], ["b"], [None], []):
            context = widget(choices=choices).get_context("name", value, attrs)
            ours, djangos = both(widget.template_name, context)
            assert ours == djangos


@pytest.mark.parametrize("attrs", [None, *ATTRIBUTES], ids=["None", "none", "flags", "quoted"])
@pytest.mark.parametrize("use_tag", [True, False])
def test_labels(attrs, use_tag):
    for label in ("Title", "a < b", mark_safe("<b>bold</b>")):
        context = {"label": label, "attrs": attrs, "use_tag": use_tag, "tag": "label"}
        ours, djangos = both("django/forms/label.html", context)
        assert ours == djangos


@pytest.mark.parametrize("errors", [[], ["Wrong."], ["a < b", mark_safe("<a href='#'>there</a>")]])
@pytest.mark.parametrize("field", [None, "id_title"])
def test_errors(errors, field):
    found = ErrorList(errors, field_id=field)
    for template_name in (found.template_name, found.template_name_ul):
        ours, djangos = both(template_name, found.get_context())
        assert ours == djangos
