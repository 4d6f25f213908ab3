from django.db import migrations, models

import trendsite.shared.slugs


class Migration(migrations.Migration):

    dependencies = [
        ('quotes', '0001_initial'),
        ('trends', '0002_search_index'),
        ('trendsite', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='trend',
            name='trends_trend_no_blank_text',
        ),
        migrations.AddField(
            model_name='trend',
            name='retired',
            field=models.DateField(blank=True, db_index=True, help_text='From this day we no longer follow it. Its page stays, with a banner, but it leaves the overview. In the future: scheduled.', null=True, verbose_name='retired'),
        ),
        migrations.AddField(
            model_name='trend',
            name='retired_note',
            field=models.TextField(blank=True, help_text='A sentence or two.', null=True, verbose_name='why it is retired'),
        ),
        migrations.AddField(
            model_name='trend',
            name='retired_note_en',
            field=models.TextField(blank=True, help_text='A sentence or two.', null=True, verbose_name='why it is retired'),
        ),
        migrations.AddField(
            model_name='trend',
            name='retired_note_ja',
            field=models.TextField(blank=True, help_text='A sentence or two.', null=True, verbose_name='why it is retired'),
        ),
        migrations.AddField(
            model_name='trend',
            name='successors',
            field=models.ManyToManyField(blank=True, help_text='Trends that replace this one.', related_name='predecessors', to='trends.trend', verbose_name='successors'),
        ),
        migrations.AddConstraint(
            model_name='trend',
            constraint=models.CheckConstraint(condition=models.Q(('retired__isnull', True), models.Q(('published__isnull', False), ('retired__gte', models.F('published'))), _connector='OR'), name='trends_trend_retired_after_published', violation_error_message='A trend cannot be retired before it is published.'),
        ),
        migrations.AddField(
            model_name='trend',
            name='title_reading',
            field=models.CharField(blank=True, help_text='In kana, if the title begins with kanji. It decides the place in the A–Z list. Readers do not see it.', max_length=200, null=True, verbose_name='how the title is read'),
        ),
        migrations.AddField(
            model_name='trend',
            name='title_reading_en',
            field=models.CharField(blank=True, help_text='In kana, if the title begins with kanji. It decides the place in the A–Z list. Readers do not see it.', max_length=200, null=True, verbose_name='how the title is read'),
        ),
        migrations.AddField(
            model_name='trend',
            name='title_reading_ja',
            field=models.CharField(blank=True, help_text='In kana, if the title begins with kanji. It decides the place in the A–Z list. Readers do not see it.', max_length=200, null=True, verbose_name='how the title is read'),
        ),
        migrations.AddConstraint(
            model_name='trend',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('title_en__isnull', True), models.Q(('title_en', ''), _negated=True), _connector='OR'), models.Q(('title_ja__isnull', True), models.Q(('title_ja', ''), _negated=True), _connector='OR'), models.Q(('title_reading_en__isnull', True), models.Q(('title_reading_en', ''), _negated=True), _connector='OR'), models.Q(('title_reading_ja__isnull', True), models.Q(('title_reading_ja', ''), _negated=True), _connector='OR'), models.Q(('subtitle_en__isnull', True), models.Q(('subtitle_en', ''), _negated=True), _connector='OR'), models.Q(('subtitle_ja__isnull', True), models.Q(('subtitle_ja', ''), _negated=True), _connector='OR'), models.Q(('shift_en__isnull', True), models.Q(('shift_en', ''), _negated=True), _connector='OR'), models.Q(('shift_ja__isnull', True), models.Q(('shift_ja', ''), _negated=True), _connector='OR'), models.Q(('retired_note_en__isnull', True), models.Q(('retired_note_en', ''), _negated=True), _connector='OR'), models.Q(('retired_note_ja__isnull', True), models.Q(('retired_note_ja', ''), _negated=True), _connector='OR')), name='trends_trend_no_blank_text'),
        ),
        migrations.AlterField(
            model_name='searchdocument',
            name='kind',
            field=models.CharField(choices=[('title', 'Title'), ('retirement', 'Retirement'), ('shift', 'The shift'), ('driver', 'Key drivers'), ('implication', 'Implications'), ('timeline', 'Timeline'), ('assessment', 'Assessment'), ('mention', 'Quotations'), ('expert', 'People quoted'), ('video', 'Videos'), ('tag', 'Tags'), ('source', 'Sources')], max_length=20),
        ),
        migrations.AlterField(
            model_name='trend',
            name='slug',
            field=trendsite.shared.slugs.AddressSlugField(help_text='Its URL in every language. If you change it, the old URL redirects here.', max_length=80, verbose_name='slug'),
        ),
    ]
