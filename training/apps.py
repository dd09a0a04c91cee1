from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "Training"

    def ready(self) -> None:
        from mscp.publishing.approvals import guard_relations
        from training import public_tables, search  # noqa: F401
        from training.models import Course

        guard_relations(Course)
