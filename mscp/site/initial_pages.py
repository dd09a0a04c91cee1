"""Initial data of a new site: the table that counts sign-ins, and the pages it must have.

Run by the first migration; from then on the pages belong to the staff.
"""

from django.apps.registry import Apps
from django.core.management import call_command
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mscp.database import clock

ABOUT = """\
This site holds what has been learnt when a child was seriously harmed or died: reviews of local
cases, national reports, 7-minute learnings that can be read with a team, and the training that
passes the learning on.

## What you find here

- **Practice reviews** look at one local case. A child is named only by the name or reference
  that the review itself uses.
- **National reports** draw together cases from all of England.
- **7-minute learnings** are short briefs of one review or one theme.
- **Training** lists courses with their dates and places.

Themes join all four, so that you can go from a review to the next course on its subject.

## What it does not do

Training is not booked here. Where it is known how to book, the page of the course says so. To
report a concern about a child, call one of the [numbers to call](/numbers-to-call/).
"""

# A part of the accessibility statement, which says what a program knows: mscp.site.accessibility.
ACCESSIBILITY = """\
You can use this site with a keyboard, a screen reader, a small phone, large letters, a slow line,
or without JavaScript.
"""

PRIVACY = """\
## Reading this site

You can read everything here without an account. This site sets no cookie for its readers, asks no
other company for fonts, maps or pictures, counts no visits, and does not keep the words you
search for.

## If somebody may look at your device

Your browser keeps a list of the pages you opened. **Exit this page** leads away quickly, but it
does not empty that list. You can delete it in the settings of your browser, or use a private
window.

## Staff

Staff who publish here sign in, and the site keeps who changed what and when.

## People who read a draft

Staff may give somebody outside a link to a draft. The site keeps the name that staff wrote for that
person, when the link was opened, and the answer; nothing of their device and no address.
"""

PAGES = [
    ("about", "About this site", ABOUT),
    ("accessibility", "Accessibility", ACCESSIBILITY),
    ("privacy", "Privacy", PRIVACY),
]


def make_cache_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def make_pages(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Page = apps.get_model("mscp", "Page")
    for position, (slug, title, body) in enumerate(PAGES, start=1):
        Page.objects.using(schema_editor.connection.alias).create(
            slug=slug,
            title=title,
            # Wrapped here for programmers; in the editor a paragraph is one line.
            body=_joined(body),
            position=position,
            state="published",
            published_at=clock.now(),
        )


def _joined(text: str) -> str:
    lines: list[str] = []
    for line in text.strip().split("\n"):
        starts_new = not line or line.startswith(("#", "-")) or not lines or not lines[-1]
        if starts_new or lines[-1].startswith("#"):
            lines.append(line.strip())
        else:
            lines[-1] += f" {line.strip()}"
    return "\n".join(lines)
