"""What rows are used by: for what may be removed, and for what a page says of its use."""

from django.db.models import CASCADE, Exists, OuterRef, QuerySet


def unused(queryset: QuerySet) -> QuerySet:
    """The rows to which no other points, those aside that go with them when they go."""
    for relation in queryset.model._meta.related_objects:
        if getattr(relation, "on_delete", None) is not CASCADE:
            pointing = relation.related_model._base_manager.filter(
                **{relation.field.name: OuterRef("pk")}
            )
            queryset = queryset.filter(~Exists(pointing))
    return queryset
