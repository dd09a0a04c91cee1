"""A cached page: its headers, and its body already compressed."""

from dataclasses import dataclass, field
from datetime import datetime

from mscp.cache import encodings
from mscp.cache.encodings import GZIP, IDENTITY

# Bytes of a page besides its headers and bodies: objects, dictionaries, its key. An estimate.
OVERHEAD = 1200
# The same of each body: the headers that are sent with it.
OVERHEAD_OF_BODY = 1200

Headers = tuple[tuple[str, str], ...]


@dataclass
class Page:
    headers: Headers
    """Headers, without those that depend on the coding."""
    etag: str
    """The entity tag of the plain body."""
    until: datetime
    """The moment at which the clock alone may change it."""
    is_open_to_all_sites: bool = False
    bodies: dict[str, bytes] = field(default_factory=dict)
    """Bodies by content coding."""
    sent: dict[str, Headers] = field(default_factory=dict)
    """By content coding, all headers of a response but its Server-Timing."""

    @classmethod
    def of(cls, body: bytes, coding: str, **facts: object) -> "Page":
        """Make a page for a client that asked for a coding; plain bodies are compressed too."""
        page = cls(**facts)  # type: ignore[arg-type]
        if len(body) < encodings.WORTH_IT:
            page.bodies = {IDENTITY: body}
        else:
            coding = coding or GZIP
            page.bodies = {coding: encodings.encoded(body, coding)}
        return page

    @property
    def size(self) -> int:
        """Return its approximate size in memory, in bytes."""
        texts = sum(len(name) + len(value) + 120 for name, value in self.headers)
        # A copy: another thread may add a body meanwhile.
        return OVERHEAD + texts + sum(len(b) + OVERHEAD_OF_BODY for b in list(self.bodies.values()))

    def add(self, coding: str) -> bool:
        """Compress the body in a coding if it is missing; return whether it was.

        The plain body is not stored, since few ask for it, unless it is too short to compress.
        """
        if coding in (IDENTITY, *self.bodies) or IDENTITY in self.bodies:
            return False
        self.bodies = {**self.bodies, coding: encodings.encoded(self._plain(), coding)}
        return True

    def in_coding(self, coding: str) -> tuple[str, bytes]:
        """Return the body in this coding, or plain if it is too short to compress."""
        if IDENTITY in self.bodies:
            return IDENTITY, self.bodies[IDENTITY]
        if coding == IDENTITY:
            return IDENTITY, self._plain()
        self.add(coding)
        return coding, self.bodies[coding]

    def _plain(self) -> bytes:
        coding, body = next(iter(self.bodies.items()))
        return encodings.decoded(body, coding)

    def etag_in(self, coding: str) -> str:
        """Return the entity tag of the body in a coding.

        That of a compressed one is weak (RFC 9110, section 8.8.1): its bytes differ, and may differ
        with the release of a library, but the content is the same.
        """
        return self.etag if coding == IDENTITY else f"W/{self.etag.removeprefix('W/')}"
