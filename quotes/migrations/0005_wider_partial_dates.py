"""Let the dates of videos and sources be ranges, halves and about right."""

from django.db import migrations

from trendsite.shared.partial_dates import PartialDateField
from trendsite.shared.partial_dates.earlier_column import widen


class Migration(migrations.Migration):
    dependencies = [("quotes", "0004_record_platforms_and_pages")]

    operations = [
        *widen("video", "date", PartialDateField(blank=True, null=True, verbose_name="date")),
        *widen("source", "date", PartialDateField(blank=True, null=True, verbose_name="date")),
    ]
