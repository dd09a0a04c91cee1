from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Library"

    def ready(self) -> None:
        from mscp.publishing.approvals import guard_relations
        from reviews import public_tables, search  # noqa: F401
        from reviews.documents import stored_files
        from reviews.models import Publication

        guard_relations(Publication)
        stored_files.connect()
