"""Documents: a file or an address each, all versions of the file, and their findings."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Self, Unpack
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from mscp.cache.addresses import address_of
from mscp.database import clock
from mscp.database.constraints import has_only
from mscp.publishing import identifiers
from mscp.publishing.approvals import may_change_live, refuse_change
from mscp.publishing.content_hash import field_values
from mscp.publishing.gate import FollowsParentQuerySet, Moment, Obstacle
from mscp.records.audit import MomentField, Tracked
from mscp.records.history import history
from mscp.records.labels import quick_labels
from mscp.records.moments import moment_in_short
from mscp.records.partial_dates import PartialDateField, well_formed
from mscp.records.saving import SaveOptions
from mscp.search.analysis import Pages
from mscp.search.searchable import COLUMNS, Searchable
from mscp.text.identifiers import RULES, IdentifierKind, identifiers_in, quote
from mscp.text.lists import in_words
from reviews.blocks import digest_of, seen_text_of, without_places
from reviews.findings import KINDS, PRIVACY, Explanation, Severity, explained, severity_of
from reviews.languages import DEFAULT, NAMES, direction_of, is_tag, name_of
from reviews.models.publications import DATE_HELP, Publication, noindex
from reviews.pdf.report import COVER_WIDTHS, pages_in_words
from reviews.pdf.titles import is_placeholder, marks_of_working_file
from reviews.stored_hashes import Condition, condition_of, read_ahead, sha256_of
from reviews.uploads import cover_path, document_path, picture_path

# Rows of one INSERT.
BATCH = 200
# What a correction of a page says to readers.
CORRECTED = ("number", "blocks", "picture_alt", "words_from")

# The Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018
# leave out files that were published before.
REGULATED_FROM = date(2018, 9, 23)


class DocumentKind(models.TextChoices):
    REPORT = "report", "Report"
    EXECUTIVE_SUMMARY = "executive_summary", "Executive summary"
    RESPONSE = "response", "Response"
    ACTION_PLAN = "action_plan", "Action plan"
    EASY_READ = "easy_read", "Easy read"
    BRIEFING = "briefing", "7-minute learning"
    PHASE_1 = "phase_1", "Phase 1"
    PHASE_2 = "phase_2", "Phase 2"
    LINK = "link", "Page elsewhere"
    OTHER = "other", "Other"


class WordsFrom(models.TextChoices):
    """Whence the words of a reading page are."""

    PDF = "pdf", "Read from the PDF"
    STAFF = "staff", "Corrected by staff"
    WORD = "word", "From the author's Word document"
    TYPED = "typed", "Typed by staff from the picture of the page"


FILE_OF_ANOTHER = "This file belongs to another document. Choose it again."


def _has_open_findings() -> Exists:
    return Exists(Finding.objects.open().filter(file=OuterRef("file")))


# So long after a new file came staff are told that the one before it had been corrected.
TOLD_OF_CORRECTIONS = timedelta(days=42)


class DocumentQuerySet(FollowsParentQuerySet["Document"]):
    parent = "publication"

    def published(self, *, at: Moment = None) -> Self:
        """Filter by what a visitor may have: of a published publication, with no open findings.

        Publishing requires the same; this holds whatever has happened since.
        """
        return super().published(at=at).filter(~_has_open_findings())

    def with_noindex(self) -> Self:
        """Annotate with ``is_noindex``: search engines are asked not to list its publication."""
        return self.annotate(is_noindex=noindex(through="publication"))

    def for_search_engines(self) -> Self:
        """Filter by what search engines may list; the query must be behind the gate."""
        return self.exclude(noindex(through="publication"))

    def with_words(self) -> Self:
        """Filter by those whose text is a page: DocumentFile.has_words."""
        return self.filter(Q(file__has_text=True) | Q(file__is_typed=True))

    def published_later(self, *, at: Moment = None) -> Self:
        """Filter by what was added to what was live already and is published, the latest first."""
        # The gate in a subquery, and a range in which all are: SQLite then begins with the few.
        live = Document.objects.published(at=at).filter(pk=OuterRef("pk"))
        later = self.filter(added_later=True, created_at__lte=at or clock.now())
        rows = later.filter(Exists(live.filter(publication__is_sample=False)))
        return rows.order_by("-created_at", "pk")

    def with_open_findings(self) -> Self:
        # From the findings, which are few: a subquery for each document would read all of them.
        # By the index of files that are of one document each, in which those of changes are not.
        files = Finding.objects.open().values("file")
        return self.own_records().filter(revises=None, file__in=files)

    def with_lost_corrections(self) -> Self:
        """Filter by documents whose new file has none of the corrections of a file before.

        For some weeks: whoever wanted none of them says so nowhere.
        """
        new = clock.now() - TOLD_OF_CORRECTIONS
        corrected = DocumentFile.objects.filter(corrections__blocks__isnull=False)
        return (
            self.own_records()
            .filter(pk__in=corrected.values("document"), file__taken_in_at__gte=new)
            .filter(revises=None)
            .exclude(file__in=corrected)
        )

    def own_records(self) -> Self:
        """Filter by documents of their own, without those of proposed changes."""
        # Asked of each: joined to their publications, the database would begin with all of these.
        change = Publication.objects.filter(pk=OuterRef("publication"), revises__isnull=False)
        return self.filter(~Exists(change))

    def addresses_to_check(self) -> Self:
        # Not "exclude": the index of unchecked addresses is read by a range.
        return self.own_records().filter(url__gt="", url_checked=False)


# Its address is asked for several times a page, and of every hit of a search.
@lru_cache(maxsize=1000)
def file_name_of(title: str) -> str:
    """Return the file name of a download of a document with this title."""
    return f"{slugify(title)[:80].strip('-') or 'document'}.pdf"


def document_address(uid: uuid.UUID, title: str, url: str) -> str:
    """Return where a reader opens a document: our gated file, or the address elsewhere."""
    return url or address_of("reviews:document", uid=uid, name=file_name_of(title))


def cover_address(uid: uuid.UUID) -> str:
    """Return the address of its small cover."""
    return address_of("reviews:cover", width=min(COVER_WIDTHS), uid=uid)


def reading_address_of(uid: uuid.UUID) -> str:
    return address_of("reviews:read", uid=uid)


@quick_labels
class Document(Searchable, Tracked):
    """One file, or one link to a file or page elsewhere, that belongs to a publication."""

    # Its place is told by the order in which they come.
    NOT_CONTENT = (
        *("uid", "publication", "position", "file", "revises"),
        *("added_later", "url_checked", "url_checked_on"),
    )
    # The field of the record that it is a part of.
    PARENT = "publication"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=20, choices=DocumentKind, default=DocumentKind.REPORT)
    title = models.CharField(max_length=250)
    # The version that is served. Its older versions stay for staff, under ``versions``.
    # Of one document only, and of those in proposed changes that stand for it (``revises``).
    file = models.ForeignKey(
        "DocumentFile",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
    )
    # In a proposed change: the document that this one stands for, and whose file it shares until
    # it has another.
    revises = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="revisions",
    )
    url = models.URLField(
        "address", max_length=500, blank=True, help_text="Where it stands elsewhere, https://…"
    )
    leads_to_file = models.BooleanField(
        "the address opens a file",
        default=False,
        help_text="Not ticked: it opens a page from which the file can be had.",
    )
    leads_to_list = models.BooleanField(
        "the address opens a list",
        default=False,
        db_default=False,
        help_text="A page on which a reader must look for this document among others.",
    )
    # Its publication was live before: readers are told of it as a change.
    added_later = models.BooleanField(default=False, db_default=False, editable=False)
    url_checked = models.BooleanField(
        "the address was checked",
        default=False,
        help_text="Somebody opened it and it was right.",
    )
    url_checked_on = models.DateField("checked on", null=True, blank=True)
    dated = PartialDateField("date", null=True, blank=True, help_text=DATE_HELP)
    pages = models.PositiveIntegerField(
        "number of pages",
        null=True,
        blank=True,
        help_text="Of a document elsewhere. Those of a file are counted.",
    )
    # Empty: as its file says.
    language = models.CharField(
        max_length=12,
        choices=NAMES,
        blank=True,
        default="",
        db_default="",
        help_text="Left open, the language that the PDF itself states, or else English.",
    )
    # Of what staff corrected in the text of its file (reviews.models.corrections); a save sets it.
    corrections_hash = models.CharField(
        max_length=64, blank=True, editable=False, default="", db_default=""
    )
    position = models.PositiveSmallIntegerField("order", default=0, help_text="Lowest first.")
    # Claimed by a person and never inferred: no program knows whether a service needs a file.
    is_exempt = models.BooleanField(
        "old file, exempt",
        default=False,
        db_default=False,
        help_text="The accessibility regulations leave out a file that was published before 23 "
        "September 2018 and that nobody needs to use a service.",
    )
    exemption_reason = models.TextField(
        "why it is exempt",
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text="Readers see it in the accessibility statement.",
    )

    is_noindex: bool  # only after with_noindex()
    # The address under which a person outside reads it by a link; empty for everybody else.
    served_under: str = ""
    objects = DocumentQuerySet.as_manager()
    history = history(without=COLUMNS)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(file=None) & ~Q(url="")) | (Q(file__isnull=False) & Q(url="")),
                name="reviews_document_file_or_address",
                violation_error_message=(
                    "A document is a file or an address: give one of the two, not both."
                ),
            ),
            models.UniqueConstraint(
                fields=["file"],
                # Without those of addresses: by many of one value SQLite would not search.
                condition=Q(revises=None, file__isnull=False),
                name="reviews_document_file_once",
                violation_error_message=FILE_OF_ANOTHER,
            ),
            models.UniqueConstraint(fields=["revises"], name="reviews_document_one_revision"),
            models.CheckConstraint(
                condition=~Q(pages=0),
                name="reviews_document_has_pages",
                violation_error_message="A document has at least one page; leave unknown empty.",
            ),
            well_formed("dated", "reviews_document_dated_partial"),
            models.CheckConstraint(
                condition=Q(is_exempt=False) | ~Q(exemption_reason=""),
                name="reviews_document_exempt_with_reason",
                violation_error_message=(
                    "A file is exempt from the accessibility regulations only with a reason: say "
                    "when it was published, and why nobody needs it to use a service."
                ),
            ),
        ]
        indexes = [
            # The order of the list of all documents.
            models.Index(fields=["position", "id"], name="reviews_document_order_idx"),
            models.Index(
                fields=["url"],
                condition=Q(url_checked=False),
                name="reviews_document_check_idx",
            ),
            # What is new, the latest first.
            models.Index(
                fields=["created_at"],
                condition=Q(added_later=True),
                name="reviews_document_later_idx",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, **options: Unpack[SaveOptions]) -> None:
        if self._state.adding:
            self.added_later = self.publication.is_published
        with transaction.atomic():
            self.corrections_hash = self.file.corrections_hash() if self.file else ""
            self._refuse_change()
            identifiers.refuse_unsettled(self, self.publication)
            super().save(**options)
        if self.file and self.file.document_id is None:
            self.file.document = self
            self.file.save(update_fields=["document"])
            # The original of a cleaned copy belongs to the document too, and its copy.
            unsaved = DocumentFile.objects.filter(document=None)
            related = Q(cleaned_copies=self.file) | Q(cleaned_from=self.file)
            keys = list(unsaved.filter(related).values_list("pk", flat=True))
            DocumentFile.objects.filter(pk__in=keys).update(document=self)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete it with the document that stands for it in a proposed change.

        A file or an address that somebody has chosen there stays, as that of a new document.
        """
        with transaction.atomic():
            refuse_change(self.publication)
            for revision in self.revisions.all():
                if (revision.file_id, revision.url) != (self.file_id, self.url):
                    revision.revises = None
                    revision.save()
            return super().delete(*args, **options)

    def _refuse_change(self) -> None:
        """Raise ValidationError if a publication that is live would change with this save."""
        if may_change_live():
            return
        stored = Document.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is None or stored._placed() != self._placed():
            refuse_change(self.publication)
            if stored is not None and stored.publication_id != self.publication_id:
                refuse_change(stored.publication)

    def _placed(self) -> tuple[object, ...]:
        """Return what readers see of it, where, and at what place."""
        return self.content(), self.publication_id, self.position

    def take_over_field(self, field: Any, source: "Document") -> None:
        """Take over a field of the document that stands for this one, or that this stands for.

        With another file comes every version of it.
        """
        setattr(self, field.attname, getattr(source, field.attname))
        if field.name == "file" and source.revises_id == self.pk:
            self.file = source.file
            DocumentFile.objects.filter(document=source).update(document=self)

    def searchable_names(self) -> list[str]:
        return [self.title]

    def get_absolute_url(self) -> str:
        """Return where a reader opens it: our gated file, or the address elsewhere."""
        address = document_address(self.uid, self.title, self.url)
        return address if self.url else self._served(address)

    def _served(self, address: str) -> str:
        return f"{self.served_under.removesuffix('/')}{address}"

    @property
    def download_address(self) -> str:
        return f"{self.get_absolute_url()}?download"

    @property
    def reading_address(self) -> str:
        """Return the address of its text as a page; "" if it has none."""
        if not (self.file and self.file.has_words):
            return ""
        return self._served(reading_address_of(self.uid))

    @property
    def covers(self) -> list[tuple[str, int]]:
        """Return the addresses of its covers with their widths in pixels, smallest first."""
        if not (self.file and self.file.cover):
            return []
        return [(self._address("cover", width=width), width) for width in COVER_WIDTHS]

    @property
    def staff_cover(self) -> str:
        """Return the address at which staff see its first page, published or not; or ""."""
        if not (self.file and self.file.cover):
            return ""
        return reverse("admin:reviews_documentfile_cover", args=[self.file.uid, min(COVER_WIDTHS)])

    @property
    def large_cover(self) -> str:
        """Return the address of its largest cover, or ""."""
        return self.covers[-1][0] if self.file and self.file.large_cover and self.covers else ""

    def picture_address(self, number: int, digest: str) -> str:
        """Return the address of the picture of a page of its file."""
        return self._served(
            address_of("reviews:page_picture", number=number, digest=digest, uid=self.uid)
        )

    def _address(self, route: str, **more: object) -> str:
        return self._served(reverse(f"reviews:{route}", kwargs={"uid": self.uid, **more}))

    @property
    def page_count(self) -> int | None:
        return self.file.pages if self.file else self.pages

    @property
    def language_tag(self) -> str:
        """Return its language as a BCP 47 tag: as staff say, as its file says, or English."""
        return self.language or (self.file.language_tag if self.file else DEFAULT)

    @property
    def other_language(self) -> str:
        """Return the name of its language if that is not English: "Polish"."""
        return name_of(self.language_tag)

    @property
    def direction(self) -> str:
        """Return the direction of its script, as HTML's ``dir``."""
        return direction_of(self.language_tag)

    @property
    def is_unchecked(self) -> bool:
        """Return whether nobody has opened its address yet."""
        return bool(self.url) and not self.url_checked

    @property
    def host(self) -> str:
        """Return the host of its address."""
        return urlsplit(self.url).hostname or ""

    @property
    def file_name(self) -> str:
        return file_name_of(self.title)

    @property
    def is_published(self) -> bool:
        """``published()`` for one record."""
        settled = self.file is None or not self.file.open_findings().exists()
        return self.publication.is_published and settled

    def clean(self) -> None:
        """Refuse to exempt what is too new, and a file with open findings that would be public."""
        super().clean()
        self._check_title()
        self._check_exemption()
        self._check_file()
        if not (self.file and self.publication_id) or self.publication.may_have_gaps:
            return
        if self.pk and Document.objects.filter(pk=self.pk, file=self.file).exists():
            # It is served, or hidden, already; saving changes nothing about that.
            return
        with read_ahead([self.file.content]):
            obstacles = self.file.obstacles(self.title)
        if left := self.unsettled_in_file():
            sentence = identifiers.in_words(left)
            obstacles.append(Obstacle(sentence, about=self.file, is_to_settle=True))
        if obstacles:
            live = "The publication is live or scheduled, so this must be settled before saving."
            sentences = [ValidationError(one.sentence, code=_code_of(one)) for one in obstacles]
            raise ValidationError({"file": [live, *sentences]})

    def _check_file(self) -> None:
        """Refuse the file of another document; forms leave out a constraint with a condition."""
        if self.file_id and self.revises_id is None:
            others = Document.objects.filter(file=self.file_id, revises=None).exclude(pk=self.pk)
            if others.exists():
                raise ValidationError({"file": FILE_OF_ANOTHER})

    def _check_title(self) -> None:
        """Refuse a new title of a working file where readers would see it at once."""
        if not self.publication_id or self.publication.may_have_gaps:
            return
        known = Document.objects.filter(pk=self.pk, title=self.title) if self.pk else None
        if not (known and known.exists()) and (obstacles := self._obstacles_of_title()):
            raise ValidationError({"title": [one.sentence for one in obstacles]})

    def _check_exemption(self) -> None:
        dated = self.dated or (self.publication.report_date if self.publication_id else None)
        if self.is_exempt and dated and dated.first_day >= REGULATED_FROM:
            sentence = (
                "“Old file, exempt” is for what was published before 23 September 2018, and this "
                f"is of {dated}. Under Documents, take the tick away or correct the date."
            )
            raise ValidationError(sentence)

    def content(self) -> dict[str, object]:
        """Return what readers see of it; of a file, the hash of the bytes that were checked."""
        return {**field_values(self), "sha256": self.file.sha256 if self.file else ""}

    def publishing_obstacles(self) -> list[Obstacle]:
        """Return what in its title and file prevents its publication from going live."""
        return [
            *self._obstacles_of_title(),
            *(self.file.obstacles(self.title) if self.file else []),
        ]

    def _obstacles_of_title(self) -> list[Obstacle]:
        """Return why readers should not see its title: it is none, or names a state of a file."""
        if is_placeholder(self.title):
            return [Obstacle(f"“{self.title}” is what a program writes for a title. Change it.")]
        if marks := [f"“{mark}”" for mark in marks_of_working_file(self.title)]:
            words, are = in_words(marks), "is" if len(marks) == 1 else "are"
            sentence = f"“{self.title}”: {words} in its title {are} of a working file. Change it."
            return [Obstacle(sentence)]
        return []

    def public_texts(self) -> Iterator[identifiers.PublicText]:
        """Yield what readers see of it, but for the pages of its file."""
        part = f"document “{self}”"
        yield from identifiers.texts_of(self, part)
        if self.file:
            # A program that shows the file shows its title too.
            yield identifiers.PublicText(f"{part}, title in the PDF", self.file.title)

    def unsettled_in_file(self) -> list[identifiers.Standing]:
        """Return what stands on the pages of its file and nobody settled."""
        if not self.file:
            return []
        own, publication = identifiers.owner_of(self.file), self.publication
        return identifiers.unsettled(
            self.file.standing_identifiers(str(self)),
            lambda: [own, *publication.identifier_owners()],
        )


# The codes of errors that are corrected by settling the findings in a file, or the identifiers.
OPEN_FINDINGS = "open_findings"
OPEN_IDENTIFIERS = "open_identifiers"


def _code_of(obstacle: Obstacle) -> str | None:
    if obstacle.is_to_settle:
        return OPEN_IDENTIFIERS
    return OPEN_FINDINGS if obstacle.about else None


# The sentences about a file that is not the one that was checked.
CONDITIONS = {
    Condition.MISSING: "The file of “{}” is missing. Send it again.",
    Condition.CHANGED: "The file of “{}” is no longer the one that was checked. Send it again.",
    Condition.NOT_READ: (
        "The file of “{}” was replaced while this was being done, so it was not checked. "
        "Nothing was done: look at it and try again."
    ),
}


def _findings(count: int) -> str:
    return "one finding" if count == 1 else f"{count} findings"


def _verdict(to_settle: int, to_clean: int, has_any: bool) -> dict[str, str]:
    if to_settle:
        what = _findings(to_settle)
        text = f"{what[0].upper()}{what[1:]} about privacy to settle before publication."
        return {"kind": "open", "text": text}
    if to_clean:
        return {"kind": "open", "text": "Its cleaned copy is to be used before publication."}
    if has_any:
        return {"kind": "settled", "text": "All findings about privacy are settled."}
    return {"kind": "clean", "text": "Nothing was found about privacy."}


class DocumentFile(models.Model):
    """One version of a document's file, as it was taken in and checked. It never changes.

    Until its document is saved it belongs to the user who sent it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(
        Document, models.CASCADE, null=True, blank=True, related_name="versions"
    )
    content = models.FileField(upload_to=document_path)
    cover = models.FileField(upload_to=cover_path, blank=True)
    large_cover = models.FileField(upload_to=cover_path, blank=True)
    # Of the small cover, in pixels, so that a page reserves room for it.
    cover_height = models.PositiveSmallIntegerField(default=0)
    original_name = models.CharField("name it was sent under", max_length=250)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField("number of pages")
    title = models.CharField("title in its properties", max_length=250, blank=True)
    language = models.CharField(max_length=35, blank=True)
    is_tagged = models.BooleanField()
    has_text = models.BooleanField()
    # Whether staff typed words of its pages, which are pictures (reviews.models.corrections).
    is_typed = models.BooleanField(default=False, db_default=False, editable=False)
    # Why no cleaned copy can be made of it.
    not_cleaned = models.TextField(blank=True, default="", db_default="", editable=False)
    cleaned_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="cleaned_copies"
    )
    taken_in_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "file"
        ordering = ["-taken_in_at", "-pk"]
        # Permissions are those of the document it belongs to.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(pages__gte=1), name="reviews_file_has_pages"),
            models.CheckConstraint(
                condition=Q(Exact(Length("sha256"), 64), has_only("0123456789abcdef", "sha256")),
                name="reviews_file_has_hash",
            ),
        ]

    def __str__(self) -> str:
        when = moment_in_short(self.taken_in_at)
        return f"{self.pages_text}, {filesizeformat(self.size)}, taken in {when}"

    @property
    def pages_text(self) -> str:
        return f"{self.pages:,} page{'' if self.pages == 1 else 's'}"

    @property
    def size_text(self) -> str:
        """Return its size in words, as exact as a reader needs it: "169 KB", "2.4 MB"."""
        kilobytes = max(1, round(self.size / 1024))
        return f"{kilobytes} KB" if kilobytes < 1000 else f"{self.size / 1024**2:.1f} MB"

    @property
    def digest(self) -> str:
        """Return the part of its hash that distinguishes the addresses of its pictures."""
        return self.sha256[:12]

    @property
    def language_tag(self) -> str:
        """Return its language as a BCP 47 tag; English if it states no valid one."""
        return self.language if is_tag(self.language) else DEFAULT

    @property
    def has_words(self) -> bool:
        """Return whether its text is a page: what it holds, or what staff typed of a scan."""
        return self.has_text or self.is_typed

    @property
    def is_current(self) -> bool:
        return self.document is not None and self.document.file_id == self.pk

    @property
    def was_used(self) -> bool:
        """Return whether it was ever the file of its document."""
        return self.is_current or Document.history.filter(file=self.pk).exists()

    @property
    def cleaned_copy(self) -> "DocumentFile | None":
        """Return the latest cleaned copy of it that is not in use."""
        return next((copy for copy in self.cleaned_copies.all() if not copy.is_current), None)

    @property
    def verdict(self) -> dict[str, str]:
        """Return a sentence that sums up its report."""
        to_settle, to_clean = self.open_by_severity()
        has_any = bool(to_settle + to_clean) or self.findings.filter(kind__in=PRIVACY).exists()
        return _verdict(to_settle, to_clean, has_any)

    @property
    def verdict_read_ahead(self) -> dict[str, str]:
        """``verdict`` of a file whose findings were prefetched, without a query."""
        found = [finding for finding in self.findings.all() if finding.blocks]
        still = [finding for finding in found if finding.accepted_sha256 != self.sha256]
        to_settle = sum(finding.severity is Severity.MUST_SETTLE for finding in still)
        return _verdict(to_settle, len(still) - to_settle, bool(found))

    def open_findings(self) -> "FindingQuerySet":
        return self.findings.open()

    def open_by_severity(self) -> tuple[int, int]:
        """Return the number of open findings to settle, and of those that a copy takes out."""
        kinds = list(self.open_findings().values_list("kind", flat=True))
        to_settle = sum(kind in KINDS[Severity.MUST_SETTLE] for kind in kinds)
        return to_settle, len(kinds) - to_settle

    def obstacles(self, title: str) -> list[Obstacle]:
        """Return what prevents it from being public; open findings concern the file itself.

        Inside ``read_ahead`` the stored content is compared; outside, only its size.
        """
        condition = condition_of(self.content, sha256=self.sha256, size=self.size)
        if condition is not Condition.SAME:
            return [Obstacle(CONDITIONS[condition].format(title))]
        to_settle, to_clean = self.open_by_severity()
        if to_settle:
            sentence = f"{_findings(to_settle)} about privacy must be settled first."
        elif to_clean:
            sentence = (
                "its cleaned copy must be used first, or a reason given why this file may stay."
            )
        else:
            return []
        return [Obstacle(f"“{title}”: {sentence}", about=self)]

    def standing_identifiers(self, name: str) -> list[identifiers.Standing]:
        """Return the identifiers on its pages, each value once; ``name`` is of its document."""
        kept: FileIdentifiers | None = getattr(self, "found_identifiers", None)
        if kept is None or kept.rules != RULES:
            # An earlier release took it in: the first look by staff keeps what is found.
            pages = DocumentPage.objects.filter(file=self).order_by("number")
            kept = find_identifiers(self, ((page.number, page.seen_text) for page in pages))
            # The file may be deleted meanwhile.
            with suppress(IntegrityError), transaction.atomic():
                keep_identifiers(kept)
        return kept.standing(name)

    def corrections_hash(self) -> str:
        """Return the hash of all that staff corrected in its text; "" if that is nothing."""
        rows = self.corrections.exclude(blocks__isnull=True, picture_alt="").order_by("number")
        found = [
            [number, blocks and without_places(blocks), *more]
            for number, blocks, *more in rows.values_list(*CORRECTED)
        ]
        return digest_of(found) if found else ""

    def stored_sha256(self) -> str | None:
        """Return the hash of the stored content now, or None if there is none."""
        return sha256_of(self.content)


class DocumentPage(models.Model):
    """The visible text of one page; nothing that is hidden in the file."""

    file = models.ForeignKey(DocumentFile, models.CASCADE, related_name="text_pages")
    number = models.PositiveIntegerField()
    text = models.TextField()
    # The same in paragraphs, headings and items: reviews.pdf.paragraphs.Block.
    blocks = models.JSONField(default=list)
    # Text and blocks as they were read, where staff corrected them (reviews.models.corrections).
    as_read = models.JSONField(null=True, blank=True)
    corrected_at = MomentField(null=True, blank=True)
    words_from = models.CharField(
        max_length=10, choices=WordsFrom, default=WordsFrom.PDF, db_default=WordsFrom.PDF
    )
    # What its picture shows, in the words of staff.
    picture_alt = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="reviews_page_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="reviews_page_from_one"),
            models.CheckConstraint(
                condition=Q(corrected_at__isnull=True, words_from=WordsFrom.PDF)
                | (Q(corrected_at__isnull=False) & ~Q(words_from=WordsFrom.PDF)),
                name="reviews_page_corrected_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Page {self.number}"

    @property
    def blocks_as_read(self) -> list[Any]:
        found: list[Any] = self.as_read["blocks"] if self.as_read else self.blocks
        return found

    @property
    def text_as_read(self) -> str:
        return str(self.as_read["text"] if self.as_read else self.text)

    @property
    def seen_text(self) -> str:
        """Return all that readers get of it, with what its figures and its picture show."""
        return seen_text_of(self.text, self.blocks, self.picture_alt)


class PagePicture(models.Model):
    """The picture of one page as it looks; not every page has one (reviews.pdf.page_pictures).

    In a table of its own, so that the text of a page is not written again when it is drawn again.
    """

    file = models.ForeignKey(DocumentFile, models.CASCADE, related_name="pictures")
    number = models.PositiveIntegerField()
    content = models.FileField(upload_to=picture_path)
    # In pixels, so that a page reserves room for it.
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="reviews_picture_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="reviews_picture_from_page_one"
            ),
        ]

    def __str__(self) -> str:
        return f"Picture of page {self.number}"


class FileWords(models.Model):
    """The terms of all pages of a file (mscp.search.analysis), with page marks.

    In a table of its own: the index is made from it, and a search scans it for the pages to show,
    for which reading the texts themselves would take longer than all the rest.
    """

    file = models.OneToOneField(
        DocumentFile, models.CASCADE, related_name="file_words", primary_key=True
    )
    words = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Words of file {self.pk}"

    @property
    def pages(self) -> Pages:
        return Pages(self.words)


# Of one value: so many pages are named.
MOST_PAGES_NAMED = 12


class FileIdentifiers(models.Model):
    """The identifiers on the pages of a file (mscp.text.identifiers), found when it was read.

    In a table of its own, so that no form reads all pages of a file to say what stands there.
    """

    file = models.OneToOneField(
        DocumentFile, models.CASCADE, related_name="found_identifiers", primary_key=True
    )
    rules = models.PositiveSmallIntegerField()
    # Each as kind, value, the words before it, it as written, the words after it, and its pages.
    found = models.JSONField(default=list)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Identifiers of file {self.pk}"

    def standing(self, name: str) -> list[identifiers.Standing]:
        if not self.found:
            return []
        address = reverse("admin:reviews_documentfile_file", args=[self.file.uid])
        return [
            identifiers.Standing(
                IdentifierKind(kind),
                value,
                before,
                written,
                after,
                [
                    identifiers.Place(f"“{name}”, page {page}", f"{address}#page={page}")
                    for page in pages
                ],
            )
            for kind, value, before, written, after, pages in self.found
        ]


def find_identifiers(file: DocumentFile, pages: Iterable[tuple[int, str]]) -> FileIdentifiers:
    """Return the identifiers on the pages of a file, not saved."""
    found: dict[tuple[str, str], list[Any]] = {}
    for number, text in pages:
        for one in identifiers_in(text):
            value = one.value[: identifiers.LONGEST_VALUE]
            row: list[Any] = [one.kind.value, value, *quote(text, one), []]
            kept = found.setdefault((one.kind, value), row)[-1]
            if number not in kept and len(kept) < MOST_PAGES_NAMED:
                kept.append(number)
    return FileIdentifiers(file=file, rules=RULES, found=list(found.values()))


def keep_identifiers(found: FileIdentifiers) -> None:
    """Save them in place of what was found before."""
    FileIdentifiers.objects.bulk_create(
        [found], update_conflicts=True, unique_fields=["file"], update_fields=["rules", "found"]
    )


class FindingQuerySet(models.QuerySet["Finding"]):
    def open(self) -> Self:
        """Filter by what must be settled before its document may be public.

        An acceptance is valid only for the exact bytes it was given for.
        """
        return self.filter(kind__in=PRIVACY).exclude(accepted_sha256=F("file__sha256"))


class Finding(models.Model):
    """One thing found in a file, on a page or in the file as such."""

    file = models.ForeignKey(DocumentFile, models.CASCADE, related_name="findings")
    kind = models.CharField("what was found", max_length=30)
    page = models.PositiveIntegerField(null=True, blank=True)
    # All its pages, the first of which is ``page``; empty where that says it.
    pages = models.JSONField(default=list, db_default=[])
    details = models.JSONField(default=list)
    accepted_reason = models.TextField(blank=True, max_length=1000)
    accepted_sha256 = models.CharField(max_length=64, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Kept when the account is gone.
    accepted_by_name = models.CharField(max_length=150, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = [F("page").asc(nulls_first=True), "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    accepted_reason="", accepted_sha256="", accepted_at=None, accepted_by_name=""
                )
                | (
                    ~Q(accepted_reason="")
                    & ~Q(accepted_sha256="")
                    & ~Q(accepted_by_name="")
                    & Q(accepted_at__isnull=False)
                ),
                name="reviews_finding_accepted_whole",
                violation_error_message="A finding is accepted with reason, name and time.",
            ),
        ]

    def __str__(self) -> str:
        where = pages_in_words(self.all_pages) if self.page else "whole file"
        return f"{self.explanation.title} ({where})"

    @property
    def all_pages(self) -> list[int]:
        """Return the pages it stands on; none for the file as such."""
        return self.pages or ([self.page] if self.page else [])

    @property
    def place(self) -> str:
        """Return where it stands: "Page 3", "Pages 1–12", "The whole file, and page 2"."""
        pages = pages_in_words(self.all_pages) if self.all_pages else ""
        if self.page:
            return f"{pages[0].upper()}{pages[1:]}"
        return f"The whole file, and {pages}" if pages else "The whole file"

    @property
    def severity(self) -> Severity:
        return severity_of(self.kind)

    @property
    def explanation(self) -> Explanation:
        return explained(self.kind)

    @property
    def blocks(self) -> bool:
        """Return whether no document may be public with it, unless it is accepted."""
        return self.kind in PRIVACY

    @property
    def is_accepted(self) -> bool:
        return bool(self.accepted_sha256) and self.accepted_sha256 == self.file.sha256

    def accept(self, *, reason: str, user: Any) -> None:
        """Save that somebody looked at it and why it may stay."""
        self.accepted_reason = reason.strip()
        self.accepted_sha256 = self.file.sha256
        self.accepted_at = clock.now()
        self.accepted_by = user
        self.accepted_by_name = user.get_full_name() or user.get_username()
        self.save()
        self._change_page()

    def take_back(self) -> None:
        """Undo an acceptance and save."""
        self.accepted_reason = self.accepted_sha256 = self.accepted_by_name = ""
        self.accepted_at = self.accepted_by = None
        self.save()
        self._change_page()

    def _change_page(self) -> None:
        """Record for feeds that the public content of its document changed."""
        Document.objects.filter(file=self.file).update(updated_at=clock.now())
