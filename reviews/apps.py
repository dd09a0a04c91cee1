from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Library"

    def ready(self) -> None:
        from reviews import public_tables, search  # noqa: F401
        from reviews.documents import stored_files

        stored_files.connect()
