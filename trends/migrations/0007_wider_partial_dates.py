"""Let the dates of trends be ranges, halves and about right; what is there stays as it is."""

from django.db import migrations

from trendsite.shared.partial_dates import PartialDateField
from trendsite.shared.partial_dates.earlier_column import widen


class Migration(migrations.Migration):
    dependencies = [("trends", "0006_record_and_versions")]

    operations = [
        *widen(
            "trend",
            "since",
            PartialDateField(
                db_index=True,
                help_text="As precise as known: 2024, 2024-Q3, 2024-08 or 2024-08-15; 2024-03/2024-06 for a range, 2024~ for about 2024.",
                verbose_name="since",
            ),
        ),
        *widen("timelineentry", "date", PartialDateField(verbose_name="date")),
        *widen(
            "timelineentry",
            "settled",
            PartialDateField(
                blank=True,
                help_text="When the outcome was known. Empty: on the date of the entry.",
                null=True,
                verbose_name="settled",
            ),
        ),
        *widen(
            "timelineentry",
            "made",
            PartialDateField(
                blank=True,
                help_text="When the forecast was made.",
                null=True,
                verbose_name="made",
            ),
        ),
        *widen("assessment", "date", PartialDateField(verbose_name="date")),
        *widen(
            "falsifier",
            "date",
            PartialDateField(
                blank=True,
                help_text="When this should have happened. Past it, the trend is under review.",
                null=True,
                verbose_name="by",
            ),
        ),
    ]
