"""JSON-LD: structured data of a page in the vocabulary of schema.org.

Only facts that are known and shown on the page itself. The apps build their own records; this
module has what they share: the script tag, themes, breadcrumbs, the partnership.
"""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from mscp.cache.addresses import address_of
from mscp.web.origins import absolute_url

Thing = dict[str, Any]

# As Django's json_script: no text can end the tag or begin a comment.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


def as_script(*things: Thing) -> SafeString:
    """Return things as a data block, which runs nothing and needs no exception in the CSP."""
    if not things:
        return SafeString("")
    data = {"@context": "https://schema.org", "@graph": [_known(thing) for thing in things]}
    # All but ASCII is escaped too, including U+2028, which would end a line of script.
    text = json.dumps(data, separators=(",", ":")).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - see above


def _known(value: Any) -> Any:
    """Remove empty values at every depth."""
    if isinstance(value, dict):
        known = {name: _known(part) for name, part in value.items()}
        return {name: part for name, part in known.items() if part not in ("", None, [], {})}
    return [_known(part) for part in value] if isinstance(value, list) else value


def organization(name: str) -> Thing:
    return {"@type": "Organization", "name": name} if name else {}


def terms(request: HttpRequest, themes: Any) -> list[Thing]:
    """Return themes as terms of the controlled list they belong to."""
    terms_of = absolute_url(request, address_of("themes:list")) if themes else ""
    return [
        {
            "@type": "DefinedTerm",
            "name": theme.name,
            "url": absolute_url(request, theme.get_absolute_url()),
            "inDefinedTermSet": terms_of,
        }
        for theme in themes
    ]


def breadcrumbs(request: HttpRequest, steps: list[tuple[str, str]], here: str) -> Thing:
    """Return the breadcrumb trail from home, through ``steps`` of name and address."""
    trail = [("Home", address_of("home")), *steps, (here, request.path)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": absolute_url(request, address),
            }
            for position, (name, address) in enumerate(trail, 1)
        ],
    }


def site(request: HttpRequest, partnership: Any) -> list[Thing]:
    """Return the publisher of the site, and its search."""
    home = absolute_url(request, address_of("home"))
    search = absolute_url(request, address_of("search"))
    owner = f"{home}#partnership"
    return [
        {
            "@type": "Organization",
            "@id": owner,
            "name": partnership.name,
            "alternateName": partnership.abbreviation,
            "url": partnership.website or home,
            "email": partnership.email,
            "logo": partnership.logo_address and absolute_url(request, partnership.logo_address),
        },
        {
            "@type": "WebSite",
            "@id": f"{home}#site",
            "name": partnership.name,
            "alternateName": partnership.abbreviation,
            "url": home,
            "inLanguage": "en-GB",
            "publisher": {"@id": owner},
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?q={{words}}"},
                "query-input": "required name=words",
            },
        },
    ]
