"""How far words are verified, origins, versions, more platforms, language codes, pages of sources."""

from django.db import migrations, models

import trendsite.shared.language_codes
import trendsite.shared.web_addresses


def compare_addresses(apps, schema_editor):
    sources = apps.get_model("quotes", "Source").objects
    rows = list(sources.only("pk", "url"))
    for row in rows:
        row.compared_url = trendsite.shared.web_addresses.comparable(row.url)
    sources.bulk_update(rows, ["compared_url"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('quotes', '0003_indexes'),
        ('trendsite', '0002_formerslug'),
    ]

    operations = [
        migrations.AddField(
            model_name='mention',
            name='verified',
            field=models.CharField(blank=True, choices=[('wording', 'wording verified'), ('gist', 'gist verified'), ('presumed', 'presumed')], help_text='The wording, from a recording or transcript; its gist, from a report; or presumed.', max_length=10, verbose_name='verified'),
        ),
        migrations.AddField(
            model_name='source',
            name='origin',
            field=models.CharField(blank=True, help_text='Whose work it reprints or reports, if that is not the publisher’s own.', max_length=200, verbose_name='origin'),
        ),
        migrations.AddConstraint(
            model_name='mention',
            constraint=models.CheckConstraint(condition=models.Q(('verified__in', ['', 'wording', 'gist', 'presumed'])), name='quotes_mention_verified'),
        ),
        migrations.AddField(
            model_name='expert',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='mention',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='source',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='video',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RemoveConstraint(
            model_name='video',
            name='quotes_video_platform',
        ),
        migrations.AddField(
            model_name='source',
            name='compared_url',
            field=trendsite.shared.web_addresses.ComparedAddressField(of='url', verbose_name='compared address'),
        ),
        migrations.AlterField(
            model_name='video',
            name='platform',
            field=models.CharField(choices=[('youtube', 'YouTube'), ('vimeo', 'Vimeo'), ('niconico', 'ニコニコ動画'), ('ted', 'TED'), ('bilibili', 'bilibili'), ('peertube', 'PeerTube')], max_length=20, verbose_name='platform'),
        ),
        migrations.AlterField(
            model_name='video',
            name='video_id',
            field=models.CharField(help_text='The part of its URL that identifies it, such as dQw4w9WgXcQ.', max_length=200, verbose_name='video id'),
        ),
        migrations.AddIndex(
            model_name='source',
            index=models.Index(fields=['compared_url'], name='quotes_source_page'),
        ),
        migrations.AddConstraint(
            model_name='video',
            constraint=models.CheckConstraint(condition=models.Q(('platform__in', ['youtube', 'vimeo', 'niconico', 'ted', 'bilibili', 'peertube'])), name='quotes_video_platform'),
        ),
        migrations.AlterField(
            model_name='mention',
            name='language',
            field=models.CharField(default='en', max_length=35, validators=[trendsite.shared.language_codes.check_language_code], verbose_name='language of the original'),
        ),
        migrations.AlterField(
            model_name='source',
            name='language',
            field=models.CharField(blank=True, help_text='Code of the language in which it is written, such as en or ja.', max_length=35, validators=[trendsite.shared.language_codes.check_language_code], verbose_name='language'),
        ),
        # At the end, since PostgreSQL alters no table whose rows were just written.
        migrations.RunPython(compare_addresses, migrations.RunPython.noop, elidable=True),
    ]
