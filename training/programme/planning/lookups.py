"""Lookups of an import: known courses, venues and audiences, and permissions to add to them."""

import re
from collections import defaultdict

from mscp.database import clock
from mscp.editing.publishing import may_change
from mscp.publishing import approvals
from mscp.text.days import short
from mscp.text.folding import plain
from mscp.typing import AnyUser
from training.models import Audience, Course, Venue
from training.programme.lines.titles import SAME, Names, normal
from training.proposals import is_proposed


class Lookups:
    """Known courses, venues and audiences, and what a user may do with them."""

    def __init__(self, user: AnyUser) -> None:
        self.user = user
        self.today = clock.today()
        self.courses: dict[int, Course] = {
            course.pk: course
            for course in Course.objects.own_records()
            .only("title", "state", "published_at", "withdrawn_at", "slug", "revises", "cost")
            .order_by("title", "pk")
        }
        self.titles = Names((course.pk, course.title) for course in self.courses.values())
        self.venues: dict[int, Venue] = {
            venue.pk: venue
            for venue in Venue.objects.only("name", "street", "town", "postcode", "slug")
        }
        self.venue_names = Names(
            (venue.pk, text)
            for venue in self.venues.values()
            for text in {venue.name, f"{venue.name} {venue.address}", venue.address}
            if text
        )
        self.permissions: dict[int, tuple[bool, bool]] = {}
        self.venues_asked: dict[str, tuple[Venue | None, str]] = {}
        self.venues_offered: dict[str, list[Venue]] = {}
        audiences = list(Audience.objects.all())
        self.audiences = {normal(a.name): a for a in audiences}
        self.audience_names = Names(
            (key, audience.name) for key, audience in self.audiences.items()
        )
        names = {audience.pk: normal(audience.name) for audience in audiences}
        # The names of the audiences of each course.
        self.audiences_of: dict[int, set[str]] = defaultdict(set)
        for course, audience in Course.audiences.through.objects.values_list(
            "course_id", "audience_id"
        ):
            self.audiences_of[course].add(names[audience])
        self.may_add_course = user.has_perm("training.add_course")
        self.may_add_venue = user.has_perm("training.add_venue")
        # A venue has no draft: its page is public once it is there.
        self.venue_needs_second = not approvals.may_change_live()

    def may_add_to(self, course: Course) -> bool:
        return self._may(course)[0]

    def may_propose_to(self, course: Course) -> bool:
        return self._may(course)[1]

    def _may(self, course: Course) -> tuple[bool, bool]:
        """Return whether the user may add to a course at once, or in a change; asked once of each.

        Of 2,000 lines it was a fifth of the time.
        """
        if course.pk not in self.permissions:
            self.permissions[course.pk] = (
                may_change(self.user, course),
                is_proposed(self.user, course),
            )
        return self.permissions[course.pk]

    def venue_like(self, text: str) -> tuple[Venue | None, str]:
        """Return the known venue a text means, with a doubt if that is not certain."""
        if text not in self.venues_asked:
            self.venues_asked[text] = self._venue_like(text)
        return self.venues_asked[text]

    def venues_near(self, text: str) -> list[Venue]:
        """Return the known venues that a text may mean: alike, or sharing most of their words."""
        if text not in self.venues_offered:
            near = [key for _, key in self.venue_names.near(text)]
            words = set(normal(text).split())
            near += [
                pk
                for pk, venue in self.venues.items()
                if (name := set(normal(venue.name).split())) and len(words & name) * 2 > len(words)
            ]
            self.venues_offered[text] = [self.venues[pk] for pk in dict.fromkeys(near)][:3]  # type: ignore[index]
        return self.venues_offered[text]

    def _venue_like(self, text: str) -> tuple[Venue | None, str]:
        exact = list(dict.fromkeys(self.venue_names.exact(text)))
        if len(exact) == 1:
            return self.venues[exact[0]], ""  # type: ignore[index]
        postcode = postcode_in(text)
        same_postcode = [
            venue
            for venue in self.venues.values()
            if postcode and venue.postcode.replace(" ", "").upper() == postcode.replace(" ", "")
        ]
        if len(same_postcode) == 1:
            # Several buildings may share a postcode.
            doubt = (
                f"“{short(text)}” was taken for “{same_postcode[0].name}”, which has its postcode."
            )
            return same_postcode[0], "" if _names(text, same_postcode[0]) else doubt
        if same_postcode:
            names = ", ".join(f"“{venue.name}”" for venue in same_postcode[:4])
            return same_postcode[0], f"Several venues have this postcode: {names}. Choose one."
        near = self.venue_names.near(text)
        if near and near[0][0] >= SAME and not postcode:
            venue = self.venues[near[0][1]]  # type: ignore[index]
            return venue, f"“{short(text)}” was taken for the known venue “{venue.name}”."
        first = normal(text.split(",")[0])
        begun = [v for v in self.venues.values() if normal(v.name) == first and not postcode]
        if len(begun) == 1:
            return begun[0], f"“{short(text)}” was taken for the known venue “{begun[0].name}”."
        return None, ""


def _names(text: str, venue: Venue) -> bool:
    """Return whether a text has a venue's name, or names no building but its street."""
    building = normal(text.split(",")[0])
    return normal(venue.name) in normal(text) or building == normal(venue.street)


_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})\b", re.IGNORECASE)


def postcode_in(text: str) -> str:
    match = _POSTCODE.search(plain(text))
    return f"{match[1]} {match[2]}".upper() if match else ""


def venue_parts(text: str) -> dict[str, str]:
    """Split "Hall, Street, Town. AN1 1AA" into fields of a venue; the first part is its name."""
    rest = _POSTCODE.sub("", text)
    parts = [part.strip(" .,;") for part in re.split(r"[,;\n]", rest)]
    parts = [part for part in parts if part] or [text.strip()]
    return {
        "name": parts[0][:150],
        "street": ", ".join(parts[1:-1])[:200],
        "town": parts[-1][:80] if len(parts) > 1 else "",
        "postcode": postcode_in(text),
    }
