"""Versions of rows: the number of changes of a tag, and the texts of whatever is stored."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('trendsite', '0002_formerslug'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='tag',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_id', models.BigIntegerField()),
                ('action', models.CharField(max_length=10)),
                ('origin', models.CharField(blank=True, max_length=10)),
                ('username', models.CharField(blank=True, max_length=150)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('stored_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('names', models.JSONField(default=dict)),
                ('extra', models.JSONField(default=dict)),
                ('digest', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('content_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'version',
                'verbose_name_plural': 'versions',
                'ordering': ['-pk'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['content_type', 'object_id', 'id'], name='trendsite_revision_of'), models.Index(fields=['content_type', 'action', 'stored_at'], name='trendsite_revision_bin')],
            },
        ),
    ]
