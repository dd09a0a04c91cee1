"""Autosave: what is typed into a form of the admin and not saved, kept for the person who typed it.

Each form that is opened carries a signed token that names its user, its record and itself. So what
arrives with it can be kept for that user even where the session has ended, and for nobody else;
and whoever has no token, which only signed-in staff are given, can keep nothing.
"""

import re
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest, QueryDict

from mscp.database import clock
from mscp.records.audit import MomentField
from mscp.records.moments import moment_in_words

KEPT_FOR = timedelta(days=7)
# Of one person. Beyond it the oldest are deleted: one browser must not fill the disk.
MOST_KEPT = 30
# Characters, encoded. What a form sends is limited before that (DATA_UPLOAD_MAX_MEMORY_SIZE).
LARGEST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

# The form field with the token.
FIELD = "_autosave"
# The same in what a script sends with a file alone, ahead of the form: there is no text to keep.
FIELD_OF_FILE = "_autosave_file"
# In what is kept: the names of files that came with a form whose session had ended.
LOST_FILES = "_lost_files"
# In what is kept of a form that is not a record's: the address of its page.
ADDRESS = "_address"
LONGEST_ADDRESS = 500
# And what its page is called.
TITLE = "_title"
LONGEST_TITLE = 120

# The query parameter that opens a form filled in with what was kept.
TAKE_BACK = "_take_back"

_NEVER_KEPT = re.compile(r"csrfmiddlewaretoken|password.*|.*-password.*|.*__prefix__.*|_.*")
_SALT = "mscp.records.autosave"


@dataclass(frozen=True)
class AutosaveToken:
    """Names the user, the record and one opened form; a browser carries it, signed."""

    user: int
    model: str
    """As in ``reviews.briefing``; "" for a form that is not a record's, as that of a reason."""
    key: str
    """The primary key of the record; "" in a form that adds one."""
    uid: uuid.UUID
    address: str = ""
    """Of the page of a form that is not a record's."""
    title: str = ""
    """What that page is called."""

    def signed(self) -> str:
        named = [self.user, self.model, self.key, self.uid.hex, self.address, self.title]
        return signing.dumps(named, salt=_SALT)

    @classmethod
    def read(cls, text: object) -> Self | None:
        """Return the token that was signed, or None if it is not ours or too old."""
        if not text or not isinstance(text, str) or len(text) > 4 * LONGEST_ADDRESS:
            return None
        try:
            named = signing.loads(text, salt=_SALT, max_age=KEPT_FOR)
        except signing.BadSignature:
            return None
        # Forms that were opened before an upgrade carry no title.
        user, model, key, uid, address, title = [*named, ""][:6]
        return cls(user, model, key, uuid.UUID(uid), address, title)

    @classmethod
    def of_page(cls, request: HttpRequest, title: str = "") -> Self:
        """Return the token of a form that is not a record's, on the page asked for."""
        address = request.get_full_path()
        if len(address) > LONGEST_ADDRESS:
            address = request.path
        named = address[:LONGEST_ADDRESS], title[:LONGEST_TITLE]
        return cls(request.user.pk or 0, "", "", uuid.uuid4(), *named)

    def renewed(self) -> Self:
        """Return a token for the same person and record, as if the form had been opened again."""
        return replace(self, uid=uuid.uuid4())


class ClosedError(Exception):
    """The form was saved, or thrown away: what arrives for it now was sent before that."""


class TooLargeError(Exception):
    """More was typed than is kept."""


class AutosaveQuerySet(models.QuerySet["Autosave"]):
    def of(self, user: int | None) -> Self:
        """Filter by what this person typed in the last seven days and neither saved nor threw away.

        The latest first.
        """
        since = clock.now() - KEPT_FOR
        return self.filter(user_id=user, kept_at__gt=since).exclude(data="").order_by("-kept_at")

    def naming(self, text: str) -> Self:
        """Filter by what is kept with a text in it, as the uid of a file that was sent."""
        return self.filter(kept_at__gt=clock.now() - KEPT_FOR, data__contains=text)

    def expired(self) -> Self:
        return self.filter(kept_at__lte=clock.now() - KEPT_FOR)

    def keep(self, token: AutosaveToken, sent: QueryDict, lost: Iterable[str] = ()) -> "Autosave":
        """Keep what a form sent, in place of what it sent before.

        Raises ClosedError if the form was saved meanwhile, and TooLargeError.
        """
        data = encode(sent, lost, token.address, token.title)
        if len(data) > LARGEST:
            raise TooLargeError
        now = clock.now()
        same = self.filter(uid=token.uid, user_id=token.user)
        if not same.exclude(data="").update(data=data, kept_at=now):
            try:
                with transaction.atomic():
                    self._create(token, data)
            except IntegrityError as error:
                raise ClosedError from error
        return self.get(uid=token.uid)

    def close(self, token: AutosaveToken) -> None:
        """Delete what was typed into a form, and keep nothing of it that arrives later.

        A script may have sent something just before: it must not come back as unsaved.
        """
        if not self.filter(uid=token.uid, user_id=token.user).update(data=""):
            # A browser may send twice.
            with suppress(IntegrityError), transaction.atomic():
                self._create(token, "")

    def _create(self, token: AutosaveToken, data: str) -> None:
        self.expired().delete()
        same = self.filter(user_id=token.user)
        beyond = same.exclude(data="").order_by("-kept_at", "-pk").values_list("pk", flat=True)
        if data and (old := list(beyond[MOST_KEPT - 1 :])):
            self.filter(pk__in=old).delete()
        self.create(uid=token.uid, user_id=token.user, model=token.model, key=token.key, data=data)


class Autosave(models.Model):
    """What somebody typed into one opened form and did not save; empty once it was saved.

    Nobody else ever sees it, so it goes with the account of its user.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False
    )
    model = models.CharField(max_length=100)
    key = models.CharField(max_length=20, blank=True)
    # As a browser sends it (application/x-www-form-urlencoded).
    data = models.TextField(blank=True)
    kept_at = MomentField(auto_now=True)

    objects = AutosaveQuerySet.as_manager()

    class Meta:
        verbose_name = "text that was not saved"
        verbose_name_plural = "texts that were not saved"
        # Whose it is may see it: there is nothing to permit.
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "model", "key"], name="mscp_autosave_form_idx"),
            models.Index(fields=["kept_at"], name="mscp_autosave_kept_idx"),
        ]

    def __str__(self) -> str:
        # Nothing of what was typed: it may be of a case.
        return f"Typed on {self.when}"

    @property
    def when(self) -> str:
        return moment_in_words(self.kept_at)

    @property
    def typed(self) -> QueryDict:
        """Return what was typed, as a request has it; a copy that may be changed."""
        return QueryDict(self.data, mutable=True)

    @property
    def lost_files(self) -> list[str]:
        return [str(name) for name in self.typed.getlist(LOST_FILES)]

    @property
    def address(self) -> str:
        """Return the address of the page with the form; "" for that of a record."""
        return str(self.typed.get(ADDRESS, ""))

    @property
    def title(self) -> str:
        """Return what the page of a form that is not a record's was called."""
        return str(self.typed.get(TITLE, ""))

    @property
    def typed_name(self) -> str:
        """Return what was typed as the name of a new record: the first line of text in its form."""
        model = apps.get_model(self.model) if self.model else None
        typed = self.typed
        for field in model._meta.get_fields() if model else ():
            is_name = isinstance(field, models.CharField) and not field.choices
            if is_name and (name := str(typed.get(field.name, "")).strip()):
                return name
        return ""

    @property
    def way_back(self) -> str:
        """Return ``address`` with what asks the page to fill its form in again, if it can."""
        separator = "&" if "?" in self.address else "?"
        return f"{self.address}{separator}{TAKE_BACK}={self.uid}"

    @property
    def noun(self) -> str:
        """Return what kind of record it was typed for."""
        return str(apps.get_model(self.model)._meta.verbose_name) if self.model else "other form"

    @property
    def token(self) -> AutosaveToken:
        named = self.user_id, self.model, self.key, self.uid
        return AutosaveToken(*named, self.address, self.title)


def encode(sent: QueryDict, lost: Iterable[str] = (), address: str = "", title: str = "") -> str:
    """Return what of a form is kept: no password, no token, no button."""
    kept = QueryDict(mutable=True)
    for name, values in sent.lists():
        if not _NEVER_KEPT.fullmatch(str(name)):
            kept.setlist(name, values)
    if lost:
        kept.setlist(LOST_FILES, list(lost))
    if address:
        kept[ADDRESS] = address
    if title:
        kept[TITLE] = title
    return kept.urlencode()


def keep_sent(request: HttpRequest, lost: Iterable[str] = ()) -> Autosave | None:
    """Keep a form that was sent and cannot be saved now; None if it carries no token of ours.

    Whoever has just sent it wants it: if the form was saved before, this is kept beside it.
    """
    token = AutosaveToken.read(request.POST.get(FIELD))
    if token is None:
        return None
    try:
        try:
            return Autosave.objects.keep(token, request.POST, lost)
        except ClosedError:
            return Autosave.objects.keep(token.renewed(), request.POST, lost)
    except (TooLargeError, ClosedError):
        return None
