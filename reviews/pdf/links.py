"""Private links: addresses that only somebody inside can follow, or that name a person."""

import ipaddress
import re
from urllib.parse import unquote, urlsplit

# A path of a computer or of a share (RFC 8089; UNC of Microsoft).
_PATH = re.compile(r"(?i)^(?:file:|smb:|afp:|nfs:|\\\\|//[^/]|[a-z]:[\\/]|~/)")
# Names that no public server has (RFC 6762, RFC 8375, ICANN's reserved ".internal").
_INSIDE = (
    *(".local", ".internal", ".lan", ".intranet", ".intra", ".corp", ".home", ".private"),
    *(".localdomain", ".home.arpa"),
)
# One person's own part of a service of many.
_PERSONAL = re.compile(
    r"""(?ix)
    ^https?://[^/]*-my\.sharepoint\.[^/]+/ | ^https?://[^/]+/personal/[^/]+
    | ^https?://[^/]*(?:1drv\.ms|onedrive\.live\.com|d\.docs\.live\.net)/
    | ^https?://(?:www\.)?dropbox\.com/(?:home|work|personal)
    | ^https?://(?:drive|docs)\.google\.com/(?:drive/)?(?:u/\d+|my-drive)
    | ^https?://(?:outlook\.office(?:365)?|outlook\.live|mail\.google|webmail)\.[^/]*/
    """
)
# What stands between a reader and the real address, and often tells who received it.
_REWRITTEN = re.compile(
    r"(?i)^https?://[^/]*(?:safelinks\.protection\.outlook|urldefense|mimecast|clicktime\.symantec)"
)
_MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
# Of an address before the @: what an office calls its mailboxes.
_OFFICES = frozenset(
    re.findall(
        "[a-z]+",
        """
    about access accessibility admin adult adults advice alerts appeals applications archive
    audit board boards booking bookings business calls campaigns care cdop centre chair children
    childrens cic clerk commission committee comms communication communications community
    complaint complaints compliance consultation consultations contact contacts contactus
    copyright corporate correspondence council csc cscp customer customers data defra desk dfe
    dhsc digital director directorate dpo dpr duty early education email emergencies emergency
    enquiries enquiry eq equality events external families family feedback finance first foi
    foia forum fostering front general governance government gro group guidance health hello
    help helpdesk helpline hmcts home hr hub iicsa info information inquiries inquiry inspection
    inspections inspectorate international it jobs lado law learning legal letters library
    licensing line local lscb lscp mail mailbox manager marketing mash media member members
    ministers mp national news newsdesk newsletter nhs noreply office officer ofsted online
    orders pa panel parliament partner partners partnership partnerships permissions planning
    policy post postmaster practice press privacy programme programmes project projects
    protection psi public publications publishing quality queries query reception records
    recruitment referral referrals registrar registration replies reply report reporting reports
    request requests research response responses review reviews safeguarding safety sales school
    schools scp scr secretariat secretary section security send service services social spoc
    staff standards statistics stats strategy support survey surveys sustainability team teams
    tech technical test training trust unit web webmaster website welfare work workforce you
    young youth
        """,
    )
)


def is_private(address: str) -> bool:
    """Return whether an address leads into somebody's computer, network or mail, or names them."""
    plain = address.strip()
    if _PATH.match(plain) or _PERSONAL.match(plain):
        return True
    if plain.lower().startswith("mailto:"):
        return any(_is_of_person(one) for one in _MAIL.findall(unquote(plain[7:])))
    if _REWRITTEN.match(plain):
        return bool(_MAIL.search(unquote(unquote(plain))))
    try:
        parts = urlsplit(plain)
        host, user = parts.hostname or "", parts.username or ""
    except ValueError:
        return False
    if not parts.scheme.lower().startswith(("http", "ftp", "ws")) or not host:
        return False
    return bool(user) or _is_inside(host)


def _is_inside(host: str) -> bool:
    """Return whether a host is of a network of one's own (RFC 1918, RFC 4193, or by its name)."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_INSIDE)
    return number.is_private or number.is_loopback or number.is_link_local


def _is_of_person(mail: str) -> bool:
    """Return whether the mailbox seems to be of a person and not of an office."""
    box = mail.partition("@")[0].lower()
    words = re.findall(r"[a-z]+", box)
    host = re.findall(r"[a-z]+", mail.partition("@")[2].lower())
    # One word may be what a service calls itself; "j.smith" and "jane_smith" are people.
    return len(words) > 1 and not any(word in _OFFICES or word in host for word in words)
