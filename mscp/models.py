"""Models of the site itself: the partnership, the numbers to call, and pages of staff."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar, Self, Unpack

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.db.models.functions import Substr
from django.db.models.lookups import Exact, In
from django.urls import resolve
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from mscp.backup.manifest import Manifest
from mscp.cache.addresses import address_of
from mscp.database import clock
from mscp.files.held_files import HeldFile  # noqa: F401 - a model of this app
from mscp.files.logos import logo_path, prepare_logo, validate_logo
from mscp.files.removal import remove_later
from mscp.publishing.absence import AbsenceCheck
from mscp.publishing.gate import ChangeNoteQuerySet, Publishable
from mscp.publishing.identifiers import SettledIdentifier, register_contact_data
from mscp.publishing.notes import ChangeNote
from mscp.publishing.pending import PendingChange, WithoutDraft
from mscp.publishing.preview_links import PreviewAnswer, PreviewLink, PreviewOpening
from mscp.publishing.releases import Release as Release
from mscp.records import slugs
from mscp.records.audit import Tracked
from mscp.records.autosave import Autosave  # noqa: F401 - a model of this app
from mscp.records.history import history
from mscp.records.saving import SaveOptions
from mscp.records.slugs import Slugged
from mscp.text.markdown import FORMATTING_HELP, to_html

__all__ = [
    "ACCESSIBILITY",
    "AbsenceCheck",
    "Backup",
    "ConcernContact",
    "ContentChange",
    "ContentVersion",
    "DismissedStep",
    "NoticeLevel",
    "Page",
    "PageChangeNote",
    "Palette",
    "PendingChange",
    "PreviewAnswer",
    "PreviewLink",
    "PreviewOpening",
    "SearchSynonym",
    "SeededRecord",
    "SettledIdentifier",
    "SiteIdentity",
    "StatementConfirmation",
    "WordIndexState",
    "dial",
]

PHONE_NUMBER = RegexValidator(
    r"^\+?[0-9][0-9 ]{1,18}$", "Write digits and spaces only: 020 7946 0010"
)


def dial(phone: str) -> str:
    """Return the tel: URI (RFC 3966) of a number; "" if there is none."""
    return f"tel:{phone.replace(' ', '')}" if phone else ""


# Pixels of CSS: what a logo fits into in the bar.
LOGO_BOX = (240, 44)


class NoticeLevel(models.TextChoices):
    INFORMATION = "information", "Information"
    WARNING = "warning", "Warning"


class Palette(models.TextChoices):
    """The colours of a site; static/css/tokens.css has what each is."""

    TEAL = "teal", "Teal"
    NAVY = "navy", "Navy"
    FOREST = "forest", "Forest green"
    PLUM = "plum", "Plum"
    BERRY = "berry", "Berry red"
    SLATE = "slate", "Slate grey"


class SiteIdentity(WithoutDraft):
    """The partnership that owns the site. There is exactly one."""

    FORMATTED: ClassVar = ["intro"]

    name = models.CharField("name of the partnership", max_length=120)
    abbreviation = models.CharField(
        max_length=20, blank=True, help_text="Shown where the whole name is too long."
    )
    website = models.URLField("main website", blank=True)
    email = models.EmailField(
        "e-mail for questions",
        blank=True,
        help_text="Shown where a reader may ask: a withdrawn page, another format, a mistake.",
    )
    phone = models.CharField(
        "telephone for questions",
        max_length=20,
        blank=True,
        default="",
        db_default="",
        validators=[PHONE_NUMBER],
        help_text="Shown beside the e-mail. Not a number to call about a child: those are a list "
        "of their own.",
    )
    intro = models.TextField(
        "introduction",
        blank=True,
        max_length=5000,
        help_text=f"At the top of the home page. {FORMATTING_HELP}",
    )
    source_title = models.CharField(
        "source of the introduction",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="With its edition, for example: Working Together to Safeguard Children 2023. "
        "Shown under the introduction. When there is a newer edition, change it here.",
    )
    source_address = models.URLField(
        "address of the source",
        blank=True,
        default="",
        db_default="",
        help_text="Where it can be read.",
    )
    notice = models.TextField(
        "notice banner",
        blank=True,
        max_length=500,
        help_text="Stands at the top of every page. On a phone it is one line, which unfolds: "
        "begin with what matters. Leave empty for no banner.",
    )
    notice_level = models.CharField(
        "kind of notice",
        max_length=20,
        choices=NoticeLevel.choices,
        default=NoticeLevel.INFORMATION,
        db_default=NoticeLevel.INFORMATION,
        help_text="A warning is for what may harm a reader who misses it.",
    )
    notice_starts = models.DateField(
        "first day of the notice", null=True, blank=True, help_text="Empty: at once."
    )
    notice_ends = models.DateField(
        "last day of the notice",
        null=True,
        blank=True,
        help_text="Empty: until somebody takes it off.",
    )
    palette = models.CharField(
        "colours",
        max_length=20,
        choices=Palette.choices,
        default=Palette.TEAL,
        db_default=Palette.TEAL,
        help_text="Of the bar at the top and of links. Each can be read well in the light and in "
        "the dark.",
    )
    logo = models.FileField(
        upload_to=logo_path,
        blank=True,
        default="",
        db_default="",
        validators=[validate_logo],
        help_text="An SVG or a PNG, best without a background of its own. Stands at the top left "
        "of every page, about one centimetre high.",
    )
    logo_has_name = models.BooleanField(
        "the logo contains the name",
        default=False,
        db_default=False,
        help_text="Then it stands in place of the name, otherwise beside it.",
    )
    logo_alt = models.CharField(
        "what the logo says",
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text="For people who cannot see it. Left empty: the name of the partnership.",
    )
    # In pixels, so that every page reserves the room and nothing jumps.
    logo_width = models.PositiveIntegerField(null=True, editable=False)
    logo_height = models.PositiveIntegerField(null=True, editable=False)
    logo_sha256 = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    # For shared links, where the logo is a PNG.
    shared_picture = models.FileField(
        upload_to=logo_path, blank=True, default="", db_default="", editable=False
    )
    exit_address = models.URLField(
        "“Exit this page” leads to",
        default="https://www.bbc.co.uk/weather",
        help_text="A harmless site for a reader who must leave at once.",
    )
    licence_name = models.CharField(
        "licence",
        max_length=120,
        blank=True,
        help_text=(
            "Under which others may use the texts of this site, for example: Open Government "
            "Licence v3.0. Left empty, the site says that no licence has been set."
        ),
    )
    licence_address = models.URLField(
        "address of the licence", blank=True, help_text="Where its text can be read."
    )
    # Every id in feeds and exports is derived from it, so that none depends on a host or a title.
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    publications_out_of_search_engines = models.BooleanField(
        "keep publications out of search engines",
        default=False,
        help_text="The pages and documents of all publications ask Google and others not to list "
        "them. Everybody who has an address can still read it. Not ticked: each publication says "
        "for itself.",
    )

    own_identifiers = models.TextField(
        "own numbers and addresses",
        blank=True,
        default="",
        db_default="",
        max_length=10_000,
        help_text="Telephone numbers, e-mail addresses and postcodes of the partnership and its "
        "partners, one a line, with a word about each if you like. They may stand in everything "
        "that is published: nobody is asked about them. Readers do not see this list.",
    )

    LOGO_DERIVED = ("logo_width", "logo_height", "logo_sha256", "shared_picture")
    NOT_CONTENT = (*LOGO_DERIVED, "uid", "own_identifiers")
    TAKEN_OFF_ALONE = ("notice",)

    history = history(without=LOGO_DERIVED)

    class Meta:
        verbose_name = "partnership"
        verbose_name_plural = "partnership"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(licence_name="", licence_address="")
                | (~models.Q(licence_name="") & ~models.Q(licence_address="")),
                name="mscp_siteidentity_licence_whole",
                violation_error_message=(
                    "The name of a licence and its address belong together: give both or neither."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(source_address="") | ~models.Q(source_title=""),
                name="mscp_siteidentity_source_named",
                violation_error_message="The source has an address but no title.",
            ),
            models.CheckConstraint(
                condition=models.Q(notice_starts=None)
                | models.Q(notice_ends=None)
                | models.Q(notice_ends__gte=models.F("notice_starts")),
                name="mscp_siteidentity_notice_ends_after_start",
                violation_error_message="The notice ends before it starts.",
            ),
            models.CheckConstraint(
                condition=models.Q(pk=1),
                name="mscp_siteidentity_only_one",
                violation_error_message="There is one partnership only; change it instead.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: Unpack[SaveOptions]) -> None:
        self.pk = 1
        stored = self._stored_pictures()
        self._take_in_logo()
        super().save(**options)
        for name in stored - {self.logo.name, self.shared_picture.name}:
            transaction.on_commit(partial(remove_later, self.logo.storage, name))

    def is_free(self) -> bool:
        """Return True: with it a new site begins, before anybody else is there."""
        return True

    def prepared_file(self, name: str) -> "ContentFile[bytes]":
        return prepare_logo(self.logo).content

    def _stored_pictures(self) -> set[str]:
        rows = type(self)._base_manager.filter(pk=self.pk).values_list("logo", "shared_picture")
        return {name for names in rows for name in names if name}

    def _take_in_logo(self) -> None:
        """Store a chosen logo as it was prepared, with what is known of it."""
        if not self.logo:
            self.logo_width = self.logo_height = None
            self.logo_sha256 = self.shared_picture = ""
        elif not getattr(self.logo, "_committed", True):
            prepared = prepare_logo(self.logo)
            self.logo_width, self.logo_height = prepared.width, prepared.height
            self.logo_sha256 = prepared.sha256
            self.logo, self.shared_picture = prepared.content, prepared.shared or ""

    @classmethod
    def load(cls) -> "SiteIdentity":
        """Return the identity, or a nameless placeholder on a site that is not set up yet."""
        nameless = cls(name="Safeguarding children partnership", uid=uuid.UUID(int=0))
        return cls.objects.filter(pk=1).first() or nameless

    @property
    def short_name(self) -> str:
        return self.abbreviation or self.name

    @property
    def logo_address(self) -> str:
        """Return the address of the logo, of which another has another; "" if there is none."""
        if not self.logo:
            return ""
        kind = str(self.logo.name).rpartition(".")[2]
        return address_of("logo", name=f"{self.logo_sha256[:20]}.{kind}")

    @property
    def shared_picture_address(self) -> str:
        if not self.shared_picture:
            return ""
        return address_of("logo", name=f"shared-{self.logo_sha256[:20]}.png")

    @property
    def logo_size(self) -> tuple[int, int]:
        """Return width and height in the bar, in pixels of CSS."""
        width, height = self.logo_width or 1, self.logo_height or 1
        scale = min(LOGO_BOX[0] / width, LOGO_BOX[1] / height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    @property
    def logo_text(self) -> str:
        """Return the alternative text: nothing where the name stands beside it and is enough."""
        return self.logo_alt or (self.name if self.logo_has_name else "")

    @property
    def file_address(self) -> str:
        return self.logo_address

    @property
    def file_text(self) -> str:
        return "the logo"

    @property
    def dial(self) -> str:
        return dial(self.phone)

    @property
    def can_be_asked(self) -> bool:
        return bool(self.email or self.phone)

    @cached_property
    def intro_in_html(self) -> tuple[SafeString, SafeString]:
        """Return the first paragraph of the introduction and the rest, rendered.

        Once, since the site context keeps the partnership from one page to the next.
        """
        first, _, rest = self.intro.replace("\r", "").strip().partition("\n\n")
        return to_html(first), to_html(rest)

    def notice_on(self, day: date) -> str:
        """Return the notice if it is shown on a day, or ""."""
        is_early = self.notice_starts is not None and day < self.notice_starts
        is_late = self.notice_ends is not None and day > self.notice_ends
        return "" if is_early or is_late else self.notice

    def notice_in_words(self, day: date) -> str:
        """Return a sentence for staff: whether the notice stands on a day, from when, until when.

        "" if there is none.
        """
        starts, ends = self.notice_starts, self.notice_ends
        until = f" until {date_format(ends, 'j F Y')}" if ends else " until somebody takes it off"
        if not self.notice:
            return ""
        if ends and ends < day:
            return f"It ended on {date_format(ends, 'j F Y')}: no reader sees it any more."
        if starts and starts > day:
            return f"It will stand on every page from {date_format(starts, 'j F Y')}{until}."
        return f"It stands on every page{until}."

    def notice_has_ended(self, day: date) -> bool:
        return bool(self.notice and self.notice_ends and self.notice_ends < day)

    @property
    def licence_statement(self) -> str:
        if not self.licence_name:
            return "No licence has been set. The texts remain the partnership's."
        return f"The texts may be used under the {self.licence_name}."

    def urn(self, *parts: object) -> str:
        """Return a permanent URN, the same on any host and different on every other site."""
        return uuid.uuid5(self.uid, "/".join(str(part) for part in parts)).urn


class ConcernContact(WithoutDraft):
    """A number to call about a child. All are in the header of every page."""

    NOT_CONTENT = ("position", "verified_on")

    label = models.CharField("whom the number reaches", max_length=80)
    phone = models.CharField(
        "telephone",
        max_length=20,
        validators=[PHONE_NUMBER],
    )
    hours = models.CharField(
        max_length=80, blank=True, help_text="For example: Monday to Friday, 9am to 5pm"
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Lowest first.")
    verified_on = models.DateField(
        "number last checked",
        null=True,
        blank=True,
        help_text="The day on which somebody rang this number. Empty: not checked yet.",
    )

    history = history()

    class Meta:
        verbose_name = "number to call about a child"
        verbose_name_plural = "numbers to call about a child"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.label}: {self.phone}"

    @property
    def dial(self) -> str:
        return dial(self.phone)


def _contact_data() -> Iterator[str]:
    for identity in SiteIdentity.objects.filter(pk=1):
        yield from (identity.own_identifiers, identity.email, identity.phone)
    yield from ConcernContact.objects.values_list("phone", flat=True)


register_contact_data(_contact_data)


# The page of this slug is a part of the accessibility statement: what staff say in their own words.
ACCESSIBILITY = "accessibility"


class Page(Publishable, Slugged, Tracked):
    """A page that staff write: about, accessibility, privacy, or any other."""

    FORMATTED: ClassVar = ["body"]

    title = models.CharField(max_length=120)
    body = models.TextField("text", max_length=50_000, help_text=FORMATTING_HELP)
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Order of the links at the foot of every page, lowest first."
    )

    history = history()

    class Meta(Publishable.Meta):
        ordering = ["position", "title"]
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(fields=["slug"], name="mscp_page_slug_once"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address_of("page", slug=self.slug)

    def is_taken(self, slug: str) -> bool:
        """Reserve the site's own addresses too: /reviews/ is not a page of staff."""
        at_address = resolve(f"/{slug}/").url_name
        is_reserved = at_address != "page" and slug != ACCESSIBILITY
        return is_reserved or super().is_taken(slug)


class PageChangeNote(ChangeNote):
    record = models.ForeignKey(Page, models.CASCADE, related_name="change_notes")

    objects: ClassVar = ChangeNoteQuerySet.as_manager()
    history = history()


class StatementConfirmation(WithoutDraft):
    """Confirmation of the accessibility statement: on its day somebody read it and it was true.

    It never changes; the next one takes its place. The regulations ask for one a year.
    """

    how_tested = models.TextField(
        "how you tested the site",
        max_length=1000,
        blank=True,
        help_text="What you tried and with what, for example: the five pages read most, by "
        "keyboard and with NVDA. Readers see it. Leave empty if you tested nothing.",
    )
    other_problems = models.BooleanField(
        "we know of other problems",
        default=False,
        help_text="Of some that the statement does not list. Tell of them in your own words, on "
        "the page “Accessibility” under Pages.",
    )

    history = history()

    class Meta:
        verbose_name = "confirmation of the accessibility statement"
        verbose_name_plural = "confirmations of the accessibility statement"
        ordering = ["-created_at", "-pk"]
        default_permissions = ("add", "view", "delete")

    def __str__(self) -> str:
        return f"Confirmed on {date_format(self.day, 'j F Y')}"

    @property
    def day(self) -> date:
        return timezone.localdate(self.created_at)

    @property
    def is_due(self) -> bool:
        """Return whether it is more than a year old."""
        return self.day < clock.a_year_ago()


class AccountEventKind(models.TextChoices):
    SIGNED_IN = "signed_in", "Signed in"
    WRONG_PASSWORD = "wrong_password", "Wrong password"
    NO_ACCOUNT = "no_account", "Wrong user name"
    WRONG_CODE = "wrong_code", "Wrong code or passkey"
    PASSWORD_CHANGED = "password_changed", "Password changed"
    PASSWORD_RESET = "password_reset", "Password reset by e-mail"
    FACTOR_ADDED = "factor_added", "Second factor set up"
    FACTOR_REMOVED = "factor_removed", "Second factor removed"
    CODES_RENEWED = "codes_renewed", "New recovery codes"
    FACTOR_RESET = "factor_reset", "Second factor reset by an administrator"
    INVITED = "invited", "Invited"
    LINK_MADE = "link_made", "Link for a password made"
    LINK_USED = "link_used", "Link used to set a password"
    DETAILS_CHANGED = "details_changed", "Account changed"
    ROLE_CHANGED = "role_changed", "Role changed"
    ACCESS_TAKEN = "access_taken", "Access taken away"
    ACCESS_GIVEN = "access_given", "Access given back"


class AccountEvent(models.Model):
    """An entry of the audit log of staff accounts, kept for 90 days.

    Of a failed sign-in with a name that is no account the name is not kept: people type passwords
    there. Equal failures of one hour are one entry with a count, so that guessing fills no disk.
    """

    kind = models.CharField(max_length=20, choices=AccountEventKind.choices)
    at = models.DateTimeField("when")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Stays when the account is deleted.
    account_name = models.CharField("account", max_length=150, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by_name = models.CharField("by", max_length=150, blank=True, default="")
    address = models.GenericIPAddressField("IP address", null=True, blank=True)
    detail = models.CharField(max_length=200, blank=True, default="")
    count = models.PositiveIntegerField("times", default=1)

    class Meta:
        verbose_name = "entry of the sign-in log"
        verbose_name_plural = "sign-in log"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["at"], name="mscp_accountevent_at")]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.account_name}"


class Backup(models.Model):
    """A record of a backup that ``manage.py backup`` made whole."""

    MOST_AGE = timedelta(days=2)
    # Records, not backups: a year of one each night.
    KEPT = 400

    made_at = models.DateTimeField("when")
    target = models.CharField("where", max_length=500)
    size = models.PositiveBigIntegerField(help_text="In bytes, of the database and all files.")
    files = models.PositiveIntegerField()
    seconds = models.PositiveIntegerField("took", help_text="In seconds.")
    is_encrypted = models.BooleanField("encrypted")

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["made_at"], name="mscp_backup_made_at")]
        default_permissions = ()

    def __str__(self) -> str:
        return f"Backup of {date_format(timezone.localtime(self.made_at), 'j F Y, H:i')}"

    @classmethod
    def record(cls, made: Manifest, *, target: str, seconds: float) -> Self:
        """Record a backup, and forget the oldest records."""
        with transaction.atomic():
            backup = cls.objects.create(
                made_at=made.made_at,
                target=target[:500],
                size=made.size,
                files=len(made.files),
                seconds=round(seconds),
                is_encrypted=made.encrypted,
            )
            kept = cls.objects.values_list("pk", flat=True)[: cls.KEPT]
            cls.objects.exclude(pk__in=list(kept)).delete()
        return backup

    @classmethod
    def last_made_at(cls) -> datetime | None:
        return cls.objects.values_list("made_at", flat=True).first()

    @classmethod
    def overdue(cls) -> str:
        """Return a sentence if there was no backup for two days; else an empty one.

        A site that is younger than that need not have one yet.
        """
        last = cls.last_made_at()
        if last is None:
            installed = MigrationRecorder.Migration.objects.aggregate(Min("applied"))
            last = installed["applied__min"]
            said = "No backup has been made"
        else:
            said = f"The last backup is of {date_format(timezone.localtime(last), 'j F Y')}"
        late = last is not None and clock.now() - last > cls.MOST_AGE
        return said if late else ""


class PasswordLink(models.Model):
    """A link that sets the password of an account once: an invitation, or in place of a forgotten
    one where there is no e-mail. Only its hash is kept.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"A link for {self.account}"


class SeededRecord(models.Model):
    """A key of the catalogue that was loaded, so that a second run adds nothing back.

    An editor may rename, change or delete the record; the key stays and is skipped.
    """

    key = models.CharField(max_length=250, unique=True)
    object_id = models.BigIntegerField(null=True)
    loaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key


class DismissedStep(models.Model):
    """A step of setting up the site that staff put aside (mscp.site.setting_up), and when."""

    step = models.CharField(max_length=30, unique=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    dismissed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.step


class BulkChange(models.Model):
    """Record of one action on many records: a line for each, and how to undo it.

    Made by mscp.editing.actions and by imports; mscp.editing.undoing takes it back.
    """

    what = models.CharField("what was done", max_length=250)
    # The label of the model whose permissions decide who may see it.
    model = models.CharField(max_length=100)
    lines = models.JSONField(default=list)
    can_be_undone = models.BooleanField(default=False)
    made_at = models.DateTimeField("done")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        verbose_name="by",
        null=True,
        related_name="+",
    )
    undone_at = models.DateTimeField("undone", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "change of many at once"
        verbose_name_plural = "changes of many at once"
        ordering = ["-made_at", "-pk"]
        # Who may see and change the records may see the change and undo it.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at=None) | models.Q(can_be_undone=True),
                name="mscp_bulkchange_undone_only_if_possible",
                violation_error_message="This cannot be undone.",
            ),
        ]

    def __str__(self) -> str:
        return self.what


LONGEST_PATH = 300
PATH = RegexValidator(
    r"^/(?![/\\\\])[^\s?#\\\\\x00-\x1f\x7f]*\Z",
    "Write the part of the address behind the host, such as /reviews/robin/, without spaces, ? "
    "or #.",
)


def _is_path(field: str) -> models.Q:
    """Return the condition that a column holds a path of this site and no address elsewhere."""
    return models.Q(
        Exact(Substr(field, 1, 1), "/"), ~models.Q(In(Substr(field, 2, 1), ["/", "\\"]))
    )


class Redirect(Tracked):
    """An old address and the one that took its place; used where nothing else answers (301)."""

    old_path = models.CharField(
        "old address",
        max_length=LONGEST_PATH,
        unique=True,
        validators=[PATH],
        error_messages={"unique": "This old address leads somewhere already: change that one."},
        help_text="The part behind the host, such as /reviews/robin/. With a / at its end it "
        "counts for all addresses below it too.",
    )
    new_path = models.CharField(
        "leads to",
        max_length=LONGEST_PATH,
        validators=[PATH],
        help_text="A page of this site that everybody can read.",
    )

    history = history()

    class Meta:
        verbose_name = "redirect of an old address"
        verbose_name_plural = "redirects of old addresses"
        ordering = ["old_path"]
        constraints = [
            models.CheckConstraint(
                condition=_is_path("old_path") & _is_path("new_path"),
                name="mscp_redirect_on_this_site",
                violation_error_message="Both addresses are of this site and begin with one /.",
            ),
            models.CheckConstraint(
                condition=~models.Q(old_path=models.F("new_path")),
                name="mscp_redirect_leads_elsewhere",
                violation_error_message="An address cannot lead to itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_path} → {self.new_path}"

    def clean(self) -> None:
        """Refuse a loop, a chain, and addresses that are never redirected."""
        super().clean()
        old, new = self.old_path, self.new_path
        if old == "/" or old.startswith(NEVER_REDIRECTED):
            raise ValidationError({"old_path": "This address always answers itself."})
        if old.endswith("/") and new.startswith(old):
            raise ValidationError({"new_path": "This would lead on to itself without an end."})
        others = Redirect.objects.exclude(pk=self.pk)
        if chain := others.filter(old_path__in=with_ancestors(new)).first():
            sentence = f"This address itself leads to {chain.new_path}: lead there at once."
            raise ValidationError({"new_path": sentence})
        leads_here = models.Q(new_path=old)
        if old.endswith("/"):
            leads_here |= models.Q(new_path__startswith=old)
        if others.filter(leads_here).exists():
            sentence = "Other old addresses lead to this one: change these first."
            raise ValidationError({"old_path": sentence})


# The first are for staff, who get no page of visitors instead; the last are files.
NEVER_REDIRECTED = ("/admin/", "/staff/", "/static/")
MOST_ANCESTORS = 8


def with_ancestors(path: str) -> list[str]:
    """Return a path and those above it that end with a slash, without the root: the longest first.

    Not of a path that is too long to be one of ours.
    """
    if len(path) > LONGEST_PATH:
        return []
    parts = path.strip("/").split("/")[:MOST_ANCESTORS]
    above = [f"/{'/'.join(parts[:number])}/" for number in range(len(parts), 0, -1)]
    return list(dict.fromkeys([path, *(one for one in above if path.startswith(one))]))


def was_an_address(path: str) -> bool:
    return Redirect.objects.filter(old_path=path).exists()


slugs.RESERVED.append(was_an_address)


class ContentVersion(models.Model):
    """A token of the content version (mscp.cache.versions). Only triggers write it."""

    name = models.CharField(max_length=30)
    token = models.CharField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        # Triggers of every release write to it by this name.
        db_table = "mscp_stamp"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.token}"


class ContentChange(models.Model):
    """A line of the journal of changes (mscp.cache.changes). Only triggers write it."""

    name = models.CharField(max_length=63)
    key = models.BigIntegerField()
    token = models.CharField(max_length=32)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["name", "key"], name="mscp_change_name_key")]

    def __str__(self) -> str:
        return f"{self.name} {self.key}: {self.token}"


class SearchSynonym(Tracked):
    """Terms that mean the same to a search: each finds the others (mscp.search.synonyms)."""

    terms = models.CharField(
        "words that mean the same",
        max_length=300,
        unique=True,
        error_messages={"unique": "There is such an entry already."},
        help_text="Between commas: CE, child exploitation. Who searches for one finds the others "
        "too. Endings, capitals and accents do not matter.",
    )

    history = history()

    class Meta:
        verbose_name = "synonym of the search"
        verbose_name_plural = "synonyms of the search"
        ordering = ["terms"]

    def __str__(self) -> str:
        return self.terms


class WordIndexState(models.Model):
    """The fingerprint of a search index, so that it is rebuilt when that changes."""

    name = models.CharField(max_length=60, primary_key=True)
    fingerprint = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
