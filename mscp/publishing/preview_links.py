"""Preview links: one draft, read by one person outside who has no account, until a moment.

Whoever has the address of a link may read that record with its documents, and nothing else; so the
database holds only a hash of the token in it. A link ends by its moment, by being revoked, and
when its record is withdrawn. Unknown, ended and never made are one answer after one query.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.db.models import Count, F, Max, Prefetch, Q
from django.urls import reverse

from mscp.database import clock
from mscp.publishing.content_hash import content_hash
from mscp.records.audit import MomentField, Tracked, account_of, set_author
from mscp.records.history import because, history
from mscp.typing import AnyUser

if TYPE_CHECKING:
    from mscp.publishing.gate import Publishable

DAYS, MOST_DAYS = 7, 30
LONGEST_COMMENT = 5000
# Of the openings of one link; somebody who opens it all day fills no table.
MOST_OPENINGS = 1000
# Bytes of a token. Nobody guesses one of 256 bits, so its hash needs no salt.
TOKEN_BYTES = 32


def hash_of(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class PreviewLinkQuerySet(models.QuerySet["PreviewLink"]):
    def valid(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=clock.now())

    def of_token(self, token: str) -> "PreviewLink | None":
        """Return the valid link of a token, or None. One query, whatever the token."""
        return self.valid().filter(token_hash=hash_of(token)).first()

    def of(self, *records: models.Model) -> Self:
        """Filter by the links of records of one model."""
        kind = ContentType.objects.get_for_model(records[0])
        return self.filter(content_type=kind, object_id__in=[record.pk for record in records])

    def with_use(self) -> Self:
        """Annotate with ``opened``, how often, and ``last_opened``; read the answers along."""
        answers = Prefetch(
            "answers",
            PreviewAnswer.objects.select_related("settled_by").order_by("-answered_at", "-pk"),
        )
        use = self.annotate(opened=Count("openings"), last_opened=Max("openings__opened_at"))
        return use.prefetch_related(answers)


class PreviewLink(Tracked):
    """A link by which one person outside may read one record that is not public."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    record: Any = GenericForeignKey("content_type", "object_id")
    name = models.CharField("for whom", max_length=120)
    expires_at = MomentField("ends")
    revoked_at = MomentField("revoked", null=True, blank=True)

    # Only after with_use().
    opened: int
    last_opened: datetime | None

    objects = PreviewLinkQuerySet.as_manager()
    history = history(without=["token_hash"])

    class Meta:
        verbose_name = "link for people outside"
        verbose_name_plural = "links for people outside"
        ordering = ["-created_at", "-pk"]
        # Who may publish a record may make and revoke its links.
        default_permissions = ()
        indexes = [models.Index(fields=["content_type", "object_id"], name="previewlink_record")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="mscp_previewlink_ends_after_start",
                violation_error_message="A link ends after it was made.",
            ),
        ]

    def __str__(self) -> str:
        return f"Link for {self.name}"

    @classmethod
    def make(
        cls, record: "Publishable", *, name: str, days: int, user: AnyUser
    ) -> "tuple[PreviewLink, str]":
        """Save a new link; return it with its address, which nobody can find out afterwards."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        link = cls(
            token_hash=hash_of(token),
            record=record,
            name=" ".join(name.split()),
            expires_at=clock.moment() + timedelta(days=days),
        )
        set_author(link, user)
        link.save()
        return link, address_of_link(token)

    def revoke(self) -> None:
        """End it at once. One that has ended stays as it is."""
        if self.is_valid:
            self.revoked_at = clock.moment()
            because(self, "Revoked").save()

    @property
    def is_valid(self) -> bool:
        """``valid()`` for one link."""
        return self.revoked_at is None and self.expires_at > clock.now()

    @property
    def status(self) -> str:
        if self.revoked_at:
            return "revoked"
        return "open" if self.is_valid else "ended"

    def log_opening(self) -> None:
        """Save that it was opened, and when; nothing is kept of who did."""
        if self.openings.count() < MOST_OPENINGS:
            self.openings.create(opened_at=clock.now())

    def answer_about(self, digest: str) -> "PreviewAnswer | None":
        """Return the answer about exactly this content, or None."""
        return self.answers.filter(content_hash=digest).first()

    def answer(self, digest: str, *, agreed: bool, comment: str) -> "PreviewAnswer | None":
        """Save and return the one answer about this content; return None if there is one."""
        try:
            with transaction.atomic():
                return self.answers.create(
                    content_hash=digest, agreed=agreed, comment=comment, answered_at=clock.now()
                )
        except IntegrityError:
            return None


def address_of_link(token: str) -> str:
    return reverse("preview:page", args=[token])


class PreviewOpening(models.Model):
    """An opening of a link: its moment, and nothing of the person or their device."""

    link = models.ForeignKey(PreviewLink, models.CASCADE, related_name="openings")
    opened_at = MomentField()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.opened_at)


class PreviewAnswerQuerySet(models.QuerySet["PreviewAnswer"]):
    def open(self) -> Self:
        """Filter by the answers that nobody has dealt with yet."""
        return self.filter(settled_at=None)

    def settle(self, by: AnyUser) -> int:
        """Mark them as dealt with; return how many were open, of two that press at once for one."""
        return self.open().update(settled_at=clock.now(), settled_by=account_of(by))


class PreviewAnswer(models.Model):
    """What a person outside said of a record, once for each content that it had.

    It waits for somebody on the staff until one of them says that it is dealt with.
    """

    link = models.ForeignKey(PreviewLink, models.CASCADE, related_name="answers")
    # The content that was read (mscp.publishing.content_hash). Another one voids the answer.
    content_hash = models.CharField(max_length=64)
    agreed = models.BooleanField()
    comment = models.TextField(max_length=LONGEST_COMMENT, blank=True)
    answered_at = MomentField()
    settled_at = MomentField("dealt with", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    # Only after mark_voided().
    is_voided: bool

    objects = PreviewAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-answered_at", "-pk"]
        default_permissions = ()
        # Most are dealt with, and the first page of staff asks for the others.
        indexes = [
            models.Index(
                fields=["link"], condition=Q(settled_at=None), name="mscp_previewanswer_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["link", "content_hash"],
                name="mscp_previewanswer_once",
                violation_error_message="This was answered already.",
            ),
            models.CheckConstraint(
                condition=Q(agreed=True) | ~Q(comment=""),
                name="mscp_previewanswer_says_something",
                violation_error_message="Write your comment.",
            ),
            models.CheckConstraint(
                condition=Q(settled_by=None) | Q(settled_at__isnull=False),
                name="mscp_previewanswer_settled_at_a_moment",
                violation_error_message="What somebody dealt with has a moment.",
            ),
        ]

    def __str__(self) -> str:
        return "Agreed" if self.agreed else "Comment"


def mark_voided(answers: Iterable[PreviewAnswer], record: Any) -> None:
    """Set ``is_voided`` on every answer: it is about another content than the record has now."""
    answers = list(answers)
    if answers:
        digest = content_hash(record)
        for answer in answers:
            answer.is_voided = answer.content_hash != digest
