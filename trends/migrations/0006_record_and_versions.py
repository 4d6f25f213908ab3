"""The record of forecasts, versions of rows, labels and reasons, and kinds for the search."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import trendsite.shared.partial_dates
from django.db import migrations, models
from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_kinds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the documents of the timeline the kind of their entry: a query for each kind."""
    documents = apps.get_model("trends", "SearchDocument").objects.filter(kind="timeline")
    entries = apps.get_model("trends", "TimelineEntry").objects.all()
    for kind in ("scheduled", "forecast"):
        documents.filter(object_id__in=entries.filter(kind=kind).values("pk")).update(kind=kind)


def name_one_kind(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give all documents of the timeline one kind again."""
    documents = apps.get_model("trends", "SearchDocument").objects
    documents.filter(kind__in=["scheduled", "forecast"]).update(kind="timeline")


class Migration(migrations.Migration):

    dependencies = [
        ('quotes', '0004_record_platforms_and_pages'),
        ('trends', '0005_indexes'),
        ('trendsite', '0003_versions_and_revisions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Falsifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('text', models.CharField(blank=True, max_length=300, null=True, verbose_name='text')),
                ('text_en', models.CharField(blank=True, max_length=300, null=True, verbose_name='text')),
                ('text_ja', models.CharField(blank=True, max_length=300, null=True, verbose_name='text')),
                ('date', trendsite.shared.partial_dates.PartialDateField(blank=True, help_text='When this should have happened. Past it, the trend is under review.', null=True, verbose_name='by')),
            ],
            options={
                'verbose_name': 'what would change our mind',
                'verbose_name_plural': 'what would change our mind',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='timelineentry',
            name='trends_timelineentry_outcome_of_forecast',
        ),
        migrations.RemoveConstraint(
            model_name='timelineentry',
            name='trends_timelineentry_settled_has_outcome',
        ),
        migrations.RemoveConstraint(
            model_name='timelineentry',
            name='trends_timelineentry_no_blank_text',
        ),
        migrations.RemoveConstraint(
            model_name='trend',
            name='trends_trend_no_blank_text',
        ),
        migrations.AddField(
            model_name='assessment',
            name='reconstructed',
            field=models.BooleanField(default=False, help_text='Made afterwards, from sources of the time. It counts as no change.', verbose_name='reconstructed'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='criterion',
            field=models.TextField(blank=True, help_text='What will settle the forecast.', null=True, verbose_name='criterion'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='criterion_en',
            field=models.TextField(blank=True, help_text='What will settle the forecast.', null=True, verbose_name='criterion'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='criterion_ja',
            field=models.TextField(blank=True, help_text='What will settle the forecast.', null=True, verbose_name='criterion'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='expert',
            field=models.ForeignKey(blank=True, help_text='The expert who made the forecast.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='forecasts', to='quotes.expert', verbose_name='expert'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='made',
            field=trendsite.shared.partial_dates.PartialDateField(blank=True, help_text='When the forecast was made.', null=True, verbose_name='made'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='made_by',
            field=models.CharField(blank=True, choices=[('expert', 'expert'), ('source', 'source'), ('editors', 'editors')], help_text='Who made the forecast. Empty: unknown.', max_length=10, verbose_name='made by'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='probability',
            field=models.PositiveSmallIntegerField(blank=True, help_text='In percent, as whoever made the forecast gave it.', null=True, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='probability'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='quotation',
            field=models.ForeignKey(blank=True, help_text='The words in which the expert made it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='forecasts', to='quotes.mention', verbose_name='quotation'),
        ),
        migrations.AddField(
            model_name='trend',
            name='confidence_of',
            field=models.CharField(blank=True, help_text='The claim to which the confidence applies, as a clause beside the badge.', max_length=200, null=True, verbose_name='what the confidence is of'),
        ),
        migrations.AddField(
            model_name='trend',
            name='confidence_of_en',
            field=models.CharField(blank=True, help_text='The claim to which the confidence applies, as a clause beside the badge.', max_length=200, null=True, verbose_name='what the confidence is of'),
        ),
        migrations.AddField(
            model_name='trend',
            name='confidence_of_ja',
            field=models.CharField(blank=True, help_text='The claim to which the confidence applies, as a clause beside the badge.', max_length=200, null=True, verbose_name='what the confidence is of'),
        ),
        migrations.AddField(
            model_name='trend',
            name='key_points',
            field=models.TextField(blank=True, help_text='One point per line, at most four: what is shifting, why we think so, how sure we are and of what, what to do.', null=True, verbose_name='key points'),
        ),
        migrations.AddField(
            model_name='trend',
            name='key_points_en',
            field=models.TextField(blank=True, help_text='One point per line, at most four: what is shifting, why we think so, how sure we are and of what, what to do.', null=True, verbose_name='key points'),
        ),
        migrations.AddField(
            model_name='trend',
            name='key_points_ja',
            field=models.TextField(blank=True, help_text='One point per line, at most four: what is shifting, why we think so, how sure we are and of what, what to do.', null=True, verbose_name='key points'),
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='kind',
            field=models.CharField(choices=[('event', 'event'), ('scheduled', 'scheduled'), ('forecast', 'forecast')], default='event', max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='outcome',
            field=models.CharField(blank=True, choices=[('pending', 'pending'), ('confirmed', 'confirmed'), ('missed', 'missed'), ('void', 'void'), ('disputed', 'disputed'), ('in-force', 'in force'), ('postponed', 'postponed'), ('dropped', 'dropped')], help_text='What became of a forecast or of what was scheduled. Empty: pending.', max_length=10, verbose_name='outcome'),
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='settled',
            field=trendsite.shared.partial_dates.PartialDateField(blank=True, help_text='When the outcome was known. Empty: on the date of the entry.', null=True, verbose_name='settled'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'event'), ('outcome', '')), models.Q(('kind', 'scheduled'), ('outcome__in', ['pending', 'in-force', 'postponed', 'dropped'])), models.Q(('kind', 'forecast'), ('outcome__in', ['pending', 'confirmed', 'missed', 'void', 'disputed'])), _connector='OR'), name='trends_timelineentry_outcome_of_kind', violation_error_message='An entry of this kind cannot have this outcome.'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(('settled__isnull', True), models.Q(('outcome__in', ['', 'pending']), _negated=True), _connector='OR'), name='trends_timelineentry_settled_has_outcome', violation_error_message='Choose the outcome that was known on this date.'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ['void', 'disputed']), _negated=True), ('note_en__isnull', False), ('note_ja__isnull', False), _connector='OR'), name='trends_timelineentry_outcome_has_note', violation_error_message='Write why this is the outcome.'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'forecast'), models.Q(('made__isnull', True), ('made_by', ''), ('probability__isnull', True), models.Q(('criterion_en__isnull', False), ('criterion_ja__isnull', False), _connector='OR', _negated=True)), _connector='OR'), name='trends_timelineentry_claim_is_forecast', violation_error_message='Only a forecast has somebody who made it.'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expert__isnull', False), ('made_by', 'expert')), models.Q(('expert__isnull', True), ('made_by__in', ['', 'editors']), ('quotation__isnull', True)), models.Q(('expert__isnull', True), ('made_by', 'source'), ('quotation__isnull', True), ('source__isnull', False)), _connector='OR'), name='trends_timelineentry_claimant', violation_error_message='Name the expert or the source that made the forecast.'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(('probability__isnull', True), ('probability__lte', 100), _connector='OR'), name='trends_timelineentry_probability'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text_en__isnull', True), models.Q(('text_en', ''), _negated=True), _connector='OR'), models.Q(('text_ja__isnull', True), models.Q(('text_ja', ''), _negated=True), _connector='OR'), models.Q(('note_en__isnull', True), models.Q(('note_en', ''), _negated=True), _connector='OR'), models.Q(('note_ja__isnull', True), models.Q(('note_ja', ''), _negated=True), _connector='OR'), models.Q(('criterion_en__isnull', True), models.Q(('criterion_en', ''), _negated=True), _connector='OR'), models.Q(('criterion_ja__isnull', True), models.Q(('criterion_ja', ''), _negated=True), _connector='OR')), name='trends_timelineentry_no_blank_text'),
        ),
        migrations.AddConstraint(
            model_name='trend',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThan(django.db.models.expressions.CombinedExpression(django.db.models.functions.text.Length(django.db.models.functions.comparison.Coalesce(models.F('key_points_en'), models.Value(''))), '-', django.db.models.functions.text.Length(django.db.models.functions.text.Replace(django.db.models.functions.comparison.Coalesce(models.F('key_points_en'), models.Value('')), models.Value('\n')))), 4), name='trends_trend_key_points_en'),
        ),
        migrations.AddConstraint(
            model_name='trend',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThan(django.db.models.expressions.CombinedExpression(django.db.models.functions.text.Length(django.db.models.functions.comparison.Coalesce(models.F('key_points_ja'), models.Value(''))), '-', django.db.models.functions.text.Length(django.db.models.functions.text.Replace(django.db.models.functions.comparison.Coalesce(models.F('key_points_ja'), models.Value('')), models.Value('\n')))), 4), name='trends_trend_key_points_ja'),
        ),
        migrations.AddConstraint(
            model_name='trend',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('title_en__isnull', True), models.Q(('title_en', ''), _negated=True), _connector='OR'), models.Q(('title_ja__isnull', True), models.Q(('title_ja', ''), _negated=True), _connector='OR'), models.Q(('title_reading_en__isnull', True), models.Q(('title_reading_en', ''), _negated=True), _connector='OR'), models.Q(('title_reading_ja__isnull', True), models.Q(('title_reading_ja', ''), _negated=True), _connector='OR'), models.Q(('subtitle_en__isnull', True), models.Q(('subtitle_en', ''), _negated=True), _connector='OR'), models.Q(('subtitle_ja__isnull', True), models.Q(('subtitle_ja', ''), _negated=True), _connector='OR'), models.Q(('key_points_en__isnull', True), models.Q(('key_points_en', ''), _negated=True), _connector='OR'), models.Q(('key_points_ja__isnull', True), models.Q(('key_points_ja', ''), _negated=True), _connector='OR'), models.Q(('confidence_of_en__isnull', True), models.Q(('confidence_of_en', ''), _negated=True), _connector='OR'), models.Q(('confidence_of_ja__isnull', True), models.Q(('confidence_of_ja', ''), _negated=True), _connector='OR'), models.Q(('shift_en__isnull', True), models.Q(('shift_en', ''), _negated=True), _connector='OR'), models.Q(('shift_ja__isnull', True), models.Q(('shift_ja', ''), _negated=True), _connector='OR'), models.Q(('retired_note_en__isnull', True), models.Q(('retired_note_en', ''), _negated=True), _connector='OR'), models.Q(('retired_note_ja__isnull', True), models.Q(('retired_note_ja', ''), _negated=True), _connector='OR')), name='trends_trend_no_blank_text'),
        ),
        migrations.AddField(
            model_name='falsifier',
            name='trend',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='falsifiers', to='trends.trend'),
        ),
        migrations.AddIndex(
            model_name='falsifier',
            index=models.Index(fields=['trend', 'date'], name='trends_falsifier_due'),
        ),
        migrations.AddConstraint(
            model_name='falsifier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text_en__isnull', True), models.Q(('text_en', ''), _negated=True), _connector='OR'), models.Q(('text_ja__isnull', True), models.Q(('text_ja', ''), _negated=True), _connector='OR')), name='trends_falsifier_no_blank_text'),
        ),
        migrations.AddConstraint(
            model_name='falsifier',
            constraint=models.CheckConstraint(condition=models.Q(('text_en__isnull', False), ('text_ja__isnull', False), _connector='OR'), name='trends_falsifier_has_text'),
        ),
        migrations.AddField(
            model_name='audience',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),

        migrations.RemoveIndex(
            model_name='assessment',
            name='trends_assessment_before',
        ),
        migrations.RemoveIndex(
            model_name='timelineentry',
            name='trends_forecast',
        ),
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['trend', 'date', 'reconstructed', 'status', 'confidence'], name='trends_assessment_before'),
        ),
        migrations.AddIndex(
            model_name='timelineentry',
            index=models.Index(fields=['kind', 'outcome', 'date', 'settled', 'trend'], name='trends_forecast'),
        ),
        migrations.RemoveConstraint(
            model_name='assessment',
            name='trends_assessment_no_blank_text',
        ),
        migrations.RemoveConstraint(
            model_name='timelineentry',
            name='trends_timelineentry_no_blank_text',
        ),
        migrations.AddField(
            model_name='assessment',
            name='reason',
            field=models.CharField(blank=True, help_text='In a sentence: shown first, and wherever it is told what changed. The rationale follows behind it.', max_length=200, null=True, verbose_name='reason in short'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='reason_en',
            field=models.CharField(blank=True, help_text='In a sentence: shown first, and wherever it is told what changed. The rationale follows behind it.', max_length=200, null=True, verbose_name='reason in short'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='reason_ja',
            field=models.CharField(blank=True, help_text='In a sentence: shown first, and wherever it is told what changed. The rationale follows behind it.', max_length=200, null=True, verbose_name='reason in short'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='short',
            field=models.CharField(blank=True, help_text='What the picture says where the text is long: a clause of a few words.', max_length=80, null=True, verbose_name='short label'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='short_en',
            field=models.CharField(blank=True, help_text='What the picture says where the text is long: a clause of a few words.', max_length=80, null=True, verbose_name='short label'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='short_ja',
            field=models.CharField(blank=True, help_text='What the picture says where the text is long: a clause of a few words.', max_length=80, null=True, verbose_name='short label'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason_en__isnull', True), models.Q(('reason_en', ''), _negated=True), _connector='OR'), models.Q(('reason_ja__isnull', True), models.Q(('reason_ja', ''), _negated=True), _connector='OR'), models.Q(('rationale_en__isnull', True), models.Q(('rationale_en', ''), _negated=True), _connector='OR'), models.Q(('rationale_ja__isnull', True), models.Q(('rationale_ja', ''), _negated=True), _connector='OR')), name='trends_assessment_no_blank_text'),
        ),
        migrations.AddConstraint(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text_en__isnull', True), models.Q(('text_en', ''), _negated=True), _connector='OR'), models.Q(('text_ja__isnull', True), models.Q(('text_ja', ''), _negated=True), _connector='OR'), models.Q(('short_en__isnull', True), models.Q(('short_en', ''), _negated=True), _connector='OR'), models.Q(('short_ja__isnull', True), models.Q(('short_ja', ''), _negated=True), _connector='OR'), models.Q(('note_en__isnull', True), models.Q(('note_en', ''), _negated=True), _connector='OR'), models.Q(('note_ja__isnull', True), models.Q(('note_ja', ''), _negated=True), _connector='OR'), models.Q(('criterion_en__isnull', True), models.Q(('criterion_en', ''), _negated=True), _connector='OR'), models.Q(('criterion_ja__isnull', True), models.Q(('criterion_ja', ''), _negated=True), _connector='OR')), name='trends_timelineentry_no_blank_text'),
        ),
        migrations.AddField(
            model_name='timelineentry',
            name='earlier_outcomes',
            field=models.JSONField(blank=True, default=list, editable=False, help_text='What the outcome was before, with the day on which it changed.', verbose_name='earlier outcomes'),
        ),
        migrations.AlterField(
            model_name="searchdocument",
            name="kind",
            field=models.CharField(
                choices=[
                    ("title", "Title"),
                    ("key-points", "Key points"),
                    ("retirement", "Retirement"),
                    ("shift", "The shift"),
                    ("driver", "Key drivers"),
                    ("implication", "Implications"),
                    ("timeline", "Timeline"),
                    ("scheduled", "Scheduled dates"),
                    ("forecast", "Forecasts"),
                    ("assessment", "Assessment"),
                    ("falsifier", "What would change our mind"),
                    ("mention", "Quotations"),
                    ("expert", "People quoted"),
                    ("video", "Videos"),
                    ("tag", "Tags"),
                    ("source", "Sources"),
                ],
                max_length=20,
            ),
        ),
        # At the end, since PostgreSQL alters no table whose rows were just written.
        migrations.RunPython(name_kinds, name_one_kind),
    ]
