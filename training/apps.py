from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "Training"

    def ready(self) -> None:
        from mscp.publishing.approvals import guard_relations
        from mscp.records.locking import users_first, with_relation_to
        from reviews.models import Theme
        from training import public_tables, search  # noqa: F401
        from training.models import Course

        guard_relations(Course)
        users_first(
            Theme, lambda keys: with_relation_to(Course, keys, "themes", "suggested_themes")
        )
