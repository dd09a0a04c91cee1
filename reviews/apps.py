from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Library"

    def ready(self) -> None:
        from mscp.publishing.approvals import guard_relations
        from mscp.records.locking import users_first, with_relation_to
        from reviews import public_tables, search  # noqa: F401
        from reviews.documents import stored_files
        from reviews.models import Publication, Theme

        guard_relations(Publication)
        users_first(
            Theme, lambda keys: with_relation_to(Publication, keys, "themes", "suggested_themes")
        )
        stored_files.connect()
