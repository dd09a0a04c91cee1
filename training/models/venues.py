"""Venues: where sessions are held, and their accessibility."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar, Unpack
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from mscp.cache.addresses import address_of
from mscp.database import clock
from mscp.files.removal import remove_later
from mscp.publishing.identifiers import register_contact_data
from mscp.publishing.pending import WithoutDraft
from mscp.records.audit import Tracked
from mscp.records.history import history
from mscp.records.saving import SaveOptions
from mscp.records.slugs import Slugged
from mscp.search.searchable import COLUMNS, Searchable
from mscp.text.folding import folded
from mscp.text.markdown import FORMATTING_HELP
from training.models.revisions import bump_sequence
from training.photos import jpeg_path, photo_path, prepare_photo, validate_photo


class Answer(models.TextChoices):
    """Whether a venue has something; the unknown is never taken for a yes."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"


def _fact(name: str = "", *, help_text: str = "") -> Any:
    return models.CharField(
        name or None,
        max_length=9,
        choices=Answer,
        default=Answer.NOT_KNOWN,
        help_text=help_text,
    )


# Of street names, as people write them.
_ABBREVIATIONS = {
    "ave": "avenue",
    "cl": "close",
    "cres": "crescent",
    "ct": "court",
    "dr": "drive",
    "gdns": "gardens",
    "gr": "grove",
    "la": "lane",
    "ln": "lane",
    "pk": "park",
    "pl": "place",
    "rd": "road",
    "sq": "square",
    "st": "street",
    "ter": "terrace",
}


def _spelled_out(street: str) -> list[str]:
    """Return the words of a street name, in small letters, the last without abbreviation."""
    words = re.findall(r"\w+", folded(street))
    return [*words[:-1], *(_ABBREVIATIONS.get(word, word) for word in words[-1:])]


class Venue(WithoutDraft, Searchable, Slugged, Tracked):
    """A place where sessions are held."""

    NOT_CONTENT = ("staff_note", "photo_jpeg", "photo_width", "photo_height")

    FORMATTED: ClassVar = ["directions"]

    name = models.CharField(max_length=150)
    street = models.CharField(max_length=200, blank=True)
    town = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    directions = models.TextField(
        "how to get there", blank=True, max_length=2000, help_text=FORMATTING_HELP
    )
    map_url = models.URLField(
        "address of a map",
        max_length=500,
        blank=True,
        help_text="A page with a map of the place. Left empty, the postcode is looked up instead.",
    )
    step_free = _fact(
        "step-free", help_text="From the street to the room, by ramp or lift where there are steps."
    )
    lift = _fact(help_text="To the rooms used for training; “Yes” also where none is needed.")
    accessible_toilet = _fact()
    hearing_loop = _fact(help_text="In the room itself, and working.")
    parking = _fact("parking for disabled people")
    quiet_room = _fact()
    access_checked_on = models.DateField(
        "access last checked",
        null=True,
        blank=True,
        help_text="The day on which somebody looked. Empty: nobody has yet.",
    )
    accessibility = models.TextField(
        "more about access",
        blank=True,
        max_length=2000,
        help_text="Only what somebody has seen: which door, how heavy, how far from the bus.",
    )
    photo = models.ImageField(
        upload_to=photo_path,
        blank=True,
        validators=[validate_photo],
        width_field="photo_width",
        height_field="photo_height",
        help_text="Of the building, so that people find it. Place data is removed from the file.",
    )
    photo_jpeg = models.ImageField(upload_to=jpeg_path, blank=True, editable=False)
    # In pixels, so that the page reserves the room and nothing jumps.
    photo_width = models.PositiveIntegerField(null=True, editable=False)
    photo_height = models.PositiveIntegerField(null=True, editable=False)
    photo_alt = models.CharField(
        "what the photo shows",
        max_length=250,
        blank=True,
        help_text="For people who cannot see it: “Red-brick entrance facing the bus stop”.",
    )
    staff_note = models.TextField(
        "note for staff", blank=True, max_length=2000, help_text="Never shown to visitors."
    )

    history = history(without=[*COLUMNS, "photo_jpeg", "photo_width", "photo_height"])

    FACTS = ("step_free", "lift", "accessible_toilet", "hearing_loop", "parking", "quiet_room")
    CALENDAR_FIELDS = (
        *("name", "street", "town", "postcode", "accessibility", "access_checked_on"),
        *FACTS,
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="training_venue_slug_once"),
            models.CheckConstraint(
                condition=Q(photo="", photo_alt="") | (~Q(photo="") & ~Q(photo_alt="")),
                name="training_venue_photo_described",
                violation_error_message=(
                    "A photo and the words that say what it shows belong together: give both or "
                    "neither."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address_of("training:venue", slug=self.slug)

    def save(self, **options: Unpack[SaveOptions]) -> None:
        if self.photo and not getattr(self.photo, "_committed", True):
            self.photo, self.photo_jpeg = prepare_photo(self.photo)
        elif not self.photo:
            self.photo_jpeg = ""
        before = self._stored_photos()
        with bump_sequence(self):
            super().save(**options)
        self._forget(before - {self.photo.name, self.photo_jpeg.name})

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        photos = self._stored_photos()
        deleted = super().delete(using, keep_parents)
        self._forget(photos)
        return deleted

    def prepared_file(self, name: str) -> "ContentFile[bytes]":
        return prepare_photo(self.photo)[0]

    def _stored_photos(self) -> set[str]:
        stored = type(self)._base_manager.filter(pk=self.pk).values_list("photo", "photo_jpeg")
        return {name for names in stored for name in names if name}

    def _forget(self, photos: set[str]) -> None:
        """Mark files that no record names any more for deletion, on commit."""
        for name in photos:
            transaction.on_commit(partial(remove_later, self.photo.storage, name))

    def clean(self) -> None:
        super().clean()
        if self.access_checked_on and self.access_checked_on > clock.today():
            raise ValidationError(
                {"access_checked_on": "Nobody can have looked on a day that is still to come."}
            )

    def searchable_names(self) -> list[str]:
        return [self.name]

    def searchable_texts(self) -> list[str]:
        return [self.address, self.directions, self.accessibility]

    @property
    def file_address(self) -> str:
        return reverse("training:venue_photo", kwargs={"slug": self.slug})

    @property
    def file_text(self) -> str:
        return "the photo"

    @property
    def address_lines(self) -> list[str]:
        place = " ".join(part for part in (self.town, self.postcode) if part)
        return [line for line in (self.street, place) if line]

    @property
    def address(self) -> str:
        return ", ".join(self.address_lines)

    @property
    def name_and_address(self) -> str:
        """Return both in one line, without the street where it is the name, as "Station Rd"."""
        lines = [
            line for line in self.address_lines if _spelled_out(line) != _spelled_out(self.name)
        ]
        return ", ".join([self.name, *lines])

    @property
    def map_address(self) -> str:
        """Return the address of a map: the one given, else a search for its postcode."""
        if self.map_url or not self.postcode:
            return self.map_url
        return f"https://www.openstreetmap.org/search?{urlencode({'query': self.postcode})}"


def _contact_data() -> Iterator[str]:
    """Yield what venues say of themselves: where they are, and how to get there."""
    for texts in Venue.objects.values_list("postcode", "directions", "accessibility"):
        yield from (f"Postcode: {texts[0]}", *texts[1:])


register_contact_data(_contact_data)
