"""Tables of training that raise the content version, and which of their rows count."""

from mscp.cache.versions import every_row, part_of, register, with_state
from training.models import Course

register(
    *every_row("training_audience", "training_venue"),
    with_state("training_course", Course.objects.next_moment),
    *part_of(
        "training_course",
        "course_id",
        "training_course_audiences",
        "training_course_themes",
        "training_course_publications",
    ),
    *part_of("training_course", "course_id", "training_session", key="id"),
    *part_of("training_course", "record_id", "training_coursechangenote"),
)
