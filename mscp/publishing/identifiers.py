"""Direct identifiers in plain sight: found in the public texts of a record, and settled by people.

Before something goes live, every text of it that readers will see is looked through for what by
itself tells who somebody is (mscp.text.identifiers). Each value is settled once for a record, with
a reason, and then may stand in all of its texts; what comes later asks for what is new alone. The
partnership's own numbers, and the contact data that the site shows anyway, are settled everywhere.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple, Self
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from mscp.database import clock
from mscp.publishing import approvals
from mscp.publishing.content_hash import not_content
from mscp.records.audit import MomentField
from mscp.records.moments import moment_in_words
from mscp.text import lists
from mscp.text.identifiers import (
    IN_A_SENTENCE,
    LABELS,
    Identifier,
    IdentifierKind,
    identifiers_in,
    quote,
)

LONGEST_VALUE = 250
# An obstacle names so many, and how many more there are.
MOST_NAMED = 4


class PublicText(NamedTuple):
    """One text that readers see, and what staff call its place."""

    place: str
    text: str
    is_address: bool = False
    """Whether it is a URL, in whose numbers nothing is looked for but e-mail addresses."""


class Place(NamedTuple):
    name: str
    address: str = ""
    """Where staff look at it, if it is not in the form of the record."""


class Standing(NamedTuple):
    """One value that stands in the texts of a record, with its places and the words beside it."""

    kind: IdentifierKind
    value: str
    before: str
    written: str
    after: str
    places: list[Place]

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def key(self) -> str:
        return key_of(self.kind, self.value)


def key_of(kind: str, value: str) -> str:
    """Return what names a value in a form."""
    return sha256(f"{kind}:{value}".encode()).hexdigest()[:16]


# --- what readers see ---------------------------------------------------------------------------


def texts_of(record: Any, part: str = "") -> Iterator[PublicText]:
    """Yield the texts of one row that readers see, as its content hash counts them.

    Fields for an e-mail address are contact data by their nature; what was typed there was meant.
    """
    hidden = not_content(type(record))
    for field in record._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
        if field.name in hidden or not is_text or isinstance(field, models.EmailField):
            continue
        text = getattr(record, field.attname)
        # A date or a list of a field of its own is no text.
        if text and isinstance(text, str):
            is_address = isinstance(field, models.URLField)
            name = f"{part}, {field.verbose_name}" if part else str(field.verbose_name)
            yield PublicText(name, unquote(text) if is_address else text, is_address)


def standing_in(texts: Iterable[PublicText]) -> list[Standing]:
    """Return the identifiers in some texts, each value once."""
    found: dict[tuple[str, str], Standing] = {}
    for place, text, is_address in texts:
        for one in identifiers_in(text):
            if not is_address or one.kind is IdentifierKind.EMAIL:
                add_to(found, standing(text, one, Place(place)))
    return list(found.values())


def merged(standing: Iterable[Standing]) -> list[Standing]:
    """Return each value once, with all of its places."""
    found: dict[tuple[str, str], Standing] = {}
    for one in standing:
        add_to(found, one)
    return list(found.values())


def standing(text: str, one: Identifier, place: Place) -> Standing:
    return Standing(one.kind, one.value[:LONGEST_VALUE], *quote(text, one), [place])


def add_to(found: dict[tuple[str, str], Standing], one: Standing) -> None:
    """Add a value, or its places to those that are known."""
    known = found.setdefault((one.kind, one.value), one)
    known.places.extend(place for place in one.places if place not in known.places)


# --- what is settled ----------------------------------------------------------------------------

# Functions that return texts of the site with contact data; what stands in them is settled.
_contact_data: list[Callable[[], Iterable[str]]] = []


def register_contact_data(texts: Callable[[], Iterable[str]]) -> None:
    _contact_data.append(texts)


def contact_data() -> set[tuple[str, str]]:
    """Return kind and value of what the site shows as somebody to turn to. Some queries."""
    text = "\n".join(part for texts in _contact_data for part in texts() if part)
    return {(one.kind, one.value) for one in identifiers_in(text)}


class Why(models.TextChoices):
    """The reasons that are given with one press."""

    OWN = "own", "The partnership's own"
    PUBLIC = "public", "Of an organisation, and public anyway"
    NOT_ONE = "not_one", "Not what it looks like"


# What a partnership has of its own.
MAY_BE_OWN = (IdentifierKind.TELEPHONE, IdentifierKind.EMAIL, IdentifierKind.POSTCODE)


class SettledIdentifierQuerySet(models.QuerySet["SettledIdentifier"]):
    def of(self, owners: "Iterable[tuple[str, int]]") -> Self:
        """Filter by what is settled for records and files."""
        condition = Q(pk__in=[])
        for record_type, record_id in owners:
            condition |= Q(record_type=record_type, record_id=record_id)
        return self.filter(condition)


class SettledIdentifier(models.Model):
    """Somebody looked at one value in the texts of a record, and said why it may stand there."""

    # Not a foreign key: of a file that is not saved with its record yet, it is that of the file.
    record_type = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=LONGEST_VALUE)
    reason = models.TextField(max_length=500)
    settled_at = MomentField("settled")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Kept when the account is gone.
    settled_by_name = models.CharField(max_length=150)

    objects = SettledIdentifierQuerySet.as_manager()

    class Meta:
        ordering = ["-settled_at", "-pk"]
        # Who may change the record may settle what stands in it.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id", "kind", "value"],
                name="mscp_settledidentifier_once",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(settled_by_name=""),
                name="mscp_settledidentifier_whole",
                violation_error_message="It is settled by somebody, with a reason.",
            ),
        ]

    def __str__(self) -> str:
        return f"{LABELS.get(self.kind, self.kind)}: {self.reason}"  # type: ignore[call-overload]

    @property
    def in_words(self) -> str:
        when = moment_in_words(self.settled_at)
        return f"{self.settled_by_name} on {when}: “{self.reason}”"


def owner_of(record: Any) -> tuple[str, int]:
    """Return under what the values of a record are settled: a change has those of what is live."""
    table = next(iter(record._meta.parents), record)
    return str(table._meta.label_lower), getattr(record, "revises_id", None) or record.pk


def settle(
    owner: tuple[str, int], kind: str, value: str, *, reason: str, user: Any
) -> SettledIdentifier | None:
    """Save that a value may stand; None if somebody settled it meanwhile."""
    settled = SettledIdentifier(
        record_type=owner[0],
        record_id=owner[1],
        kind=kind,
        value=value,
        reason=reason.strip()[:500],
        settled_at=clock.moment(),
        settled_by=user,
        settled_by_name=approvals.name_of(user)[:150],
    )
    # Two who press at once: one of them is enough.
    with suppress(IntegrityError), transaction.atomic():
        settled.save()
        return settled
    return None


def unsettled(
    standing: Iterable[Standing], owners: Callable[[], Iterable[tuple[str, int]]]
) -> list[Standing]:
    """Return what nobody settled for its owners; without anything standing, without a query."""
    found = list(standing)
    if not found:
        return []
    rows = SettledIdentifier.objects.of(owners()).values_list("kind", "value")
    settled = {*rows, *contact_data()}
    return [one for one in found if (one.kind, one.value) not in settled]


# The code of an error that is corrected by settling.
UNSETTLED = "unsettled_identifiers"


# --- what stands in the way ---------------------------------------------------------------------


def in_words(open_ones: list[Standing]) -> str:
    """Return a sentence that names what is to be settled by kind and place, never by its value.

    The value would go into messages and outcomes, which are kept.
    """
    named = [f"{IN_A_SENTENCE[one.kind]} ({one.places[0].name})" for one in open_ones[:MOST_NAMED]]
    if more := len(open_ones) - len(named):
        named.append(f"{more} more")
    return f"In plain sight, and to be settled first: {lists.in_words(named)}."


def new_in(record: Any, stored: Any) -> list[Standing]:
    """Return what the own texts of one row say that is not settled and was not there before."""
    part = getattr(record, "name_as_part", "") or ""
    found = standing_in(texts_of(record, part))
    if not found:
        return []
    before = {(one.kind, one.value) for one in standing_in(texts_of(stored))} if stored else set()
    return [one for one in found if (one.kind, one.value) not in before]


def refuse_unsettled(row: Any, record: Any) -> None:
    """Raise ValidationError if a save of a row would show readers at once what nobody settled.

    ``record`` is what has a state: the row itself, or what it is a part of. What was there already
    is not asked about.
    """
    if record.state != "published" or approvals.is_shipping():
        return
    if approvals.is_writing_change():
        # The change was asked as a whole; one that is only looked at may say anything.
        return
    if not new_in(row, None):
        return
    rows = type(row)._base_manager
    stored = rows.filter(pk=row.pk).first() if row.pk is not None else None
    if left := unsettled(new_in(row, stored), record.identifier_owners):
        raise ValidationError(in_words(left), code=UNSETTLED)
