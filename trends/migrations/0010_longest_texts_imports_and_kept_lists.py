import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import trends.models.kept_lists
import trendsite.shared.partial_dates.columns
from django.conf import settings
from django.db import migrations, models

from trends.queries.kept_lists.unlisting import remove_triggers
from trendsite.shared.text_limits import AddLimit


def _remove_triggers(apps, schema_editor):
    remove_triggers(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('quotes', '0008_longest_texts_and_link_checks'),
        ('trends', '0009_working_versions'),
        ('trendsite', '0006_longest_texts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddLimit(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('status'), 20), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('confidence'), 20), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('reason'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('reason_en'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('reason_ja'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('rationale'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('rationale_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('rationale_ja'), 20000)), name='trends_assessment_lengths'),
        ),
        AddLimit(
            model_name='audience',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('slug'), 100), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('label'), 100), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('label_en'), 100), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('label_ja'), 100)), name='trends_audience_lengths'),
        ),
        AddLimit(
            model_name='driver',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('key'), 60), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('heading'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('heading_en'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('heading_ja'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('body'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('body_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('body_ja'), 20000)), name='trends_driver_lengths'),
        ),
        AddLimit(
            model_name='falsifier',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 300), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text_en'), 300), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text_ja'), 300)), name='trends_falsifier_lengths'),
        ),
        AddLimit(
            model_name='implication',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('key'), 60), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('lead'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('lead_en'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('lead_ja'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text_ja'), 20000)), name='trends_implication_lengths'),
        ),
        AddLimit(
            model_name='preparation',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('slug'), 80), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('note'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('problem'), 20000)), name='trends_preparation_lengths'),
        ),
        AddLimit(
            model_name='timelineentry',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('key'), 60), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text_ja'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('short'), 80), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('short_en'), 80), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('short_ja'), 80), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('kind'), 10), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('outcome'), 10), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('note'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('note_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('note_ja'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('made_by'), 10), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('criterion'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('criterion_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('criterion_ja'), 20000)), name='trends_timelineentry_lengths'),
        ),
        AddLimit(
            model_name='trend',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('slug'), 80), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('status'), 20), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('confidence'), 20), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('title'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('title_en'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('title_ja'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('title_reading'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('title_reading_en'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('title_reading_ja'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('subtitle'), 300), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('subtitle_en'), 300), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('subtitle_ja'), 300), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('key_points'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('key_points_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('key_points_ja'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('confidence_of'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('confidence_of_en'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('confidence_of_ja'), 200), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('shift'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('shift_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('shift_ja'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('retired_note'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('retired_note_en'), 20000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('retired_note_ja'), 20000)), name='trends_trend_lengths'),
        ),
        migrations.CreateModel(
            name='PendingImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('content', models.BinaryField()),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'pending import',
                'verbose_name_plural': 'pending imports',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='LoadStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('load', models.UUIDField()),
                ('note', models.CharField(max_length=300)),
                ('stored_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_version', models.BigIntegerField()),
                ('rows', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ListCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of', models.CharField(max_length=60)),
                ('facet', models.CharField(max_length=20)),
                ('value', models.CharField(max_length=40)),
                ('number', models.IntegerField()),
                ('is_pending', models.BooleanField(default=False)),
            ],
            options={
                'default_permissions': (),
                'indexes': [
                    models.Index(models.F('of'), models.F('facet'), models.F('value'), models.F('number'), name='trends_list_count'),
                    models.Index(models.F('id'), condition=models.Q(('is_pending', True)), name='trends_list_count_pending'),
                ],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_pending', False)), fields=('of', 'facet', 'value'), name='trends_list_count_once')],
            },
        ),
        migrations.CreateModel(
            name='ListedTrend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=35)),
                ('is_public', models.PositiveSmallIntegerField()),
                ('in_force', models.PositiveSmallIntegerField()),
                ('slug', trends.models.kept_lists.ByteOrderedField()),
                ('published', models.DateField()),
                ('status', models.CharField(max_length=20)),
                ('confidence', models.CharField(max_length=20)),
                ('rank', models.PositiveSmallIntegerField()),
                ('since', trendsite.shared.partial_dates.columns.PartialDateField()),
                ('reviewed', trends.models.kept_lists.ByteOrderedField()),
                ('letter', models.PositiveSmallIntegerField()),
                ('title_key', trends.models.kept_lists.ByteOrderedField()),
                ('counted', models.JSONField()),
                ('valid_from', models.DateField(null=True)),
                ('until', models.DateField(null=True)),
                ('trend', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='trends.trend')),
            ],
            options={
                'default_permissions': (),
                'indexes': [
                    models.Index(models.F('language'), models.F('in_force'), models.OrderBy(models.F('reviewed'), descending=True), models.OrderBy(models.F('published'), descending=True), models.F('slug'), models.F('trend'), models.F('status'), models.F('confidence'), models.F('since'), name='trends_listed_changed'),
                    models.Index(models.F('language'), models.F('in_force'), models.OrderBy(models.F('since'), descending=True), models.F('slug'), models.F('trend'), models.F('status'), models.F('confidence'), name='trends_listed_since'),
                    models.Index(models.F('language'), models.F('in_force'), models.F('rank'), models.OrderBy(models.F('reviewed'), descending=True), models.OrderBy(models.F('published'), descending=True), models.F('slug'), models.F('trend'), models.F('status'), models.F('confidence'), models.F('since'), name='trends_listed_confidence'),
                    models.Index(models.F('language'), models.F('in_force'), models.F('title_key'), models.F('slug'), models.F('trend'), models.F('status'), models.F('confidence'), models.F('since'), name='trends_listed_title'),
                    models.Index(models.F('language'), models.F('is_public'), models.F('letter'), models.F('title_key'), models.F('slug'), models.F('trend'), name='trends_listed_a_z'),
                    models.Index(models.F('valid_from'), name='trends_listed_from'),
                    models.Index(models.F('until'), name='trends_listed_until'),
                ],
                'constraints': [models.UniqueConstraint(fields=('trend', 'language'), name='trends_listed_once')],
            },
        ),
        migrations.CreateModel(
            name='UnlistedChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('row_id', models.BigIntegerField()),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('kind', 'row_id'), name='trends_unlisted_once')],
            },
        ),
        migrations.AddIndex(
            model_name='timelineentry',
            index=models.Index(models.F('kind'), models.F('made'), name='trends_forecast_made'),
        ),
        migrations.AddIndex(
            model_name='timelineentry',
            index=models.Index(models.F('kind'), django.db.models.functions.comparison.Coalesce('settled', 'date'), name='trends_forecast_known'),
        ),
        migrations.AddIndex(
            model_name='trend',
            index=models.Index(fields=['updated_at', 'published'], name='trends_trend_updated'),
        ),
        # Installed by `install_triggers()` after each migrate. Without their table they would let
        # every write fail.
        migrations.RunPython(migrations.RunPython.noop, _remove_triggers),
    ]
