"""Arguments of commands that would be read as something else, or fail later."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "mistake"),
    [
        (["backup", ""], "argument file: write a path"),
        (["restore", " "], "argument file: write a path"),
        (["export_site", ""], "argument DIR: write a path"),
        (["export_trends", "--output", ""], "argument --output: write a path"),
        (["check_links", "--most", "-1"], "argument --most: write 0 or more"),
        (["check_links", "--minutes", "nan"], "argument --minutes: write 0 or more"),
        (["check_links", "--pause", "x"], "argument --pause: invalid amount value: 'x'"),
        (["sweep_media", "--minutes", "-5"], "argument --minutes: write 0 or more"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(command, mistake):
    with pytest.raises(CommandError, match=mistake):
        call_command(*command)
