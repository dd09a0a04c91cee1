"""Jinja2 environment of the complete site: that of ``mscp.web`` with the functions of the apps."""

from typing import Any

from django.http import HttpRequest
from jinja2 import Environment

from mscp.database import clock
from mscp.text.lists import in_words
from mscp.web import jinja, json_ld
from mscp.web.origins import absolute_url
from reviews.citations import Citation
from reviews.structured_data import publication as publication_data
from training.badges import badges_of
from training.shared_facts import NOTHING_SHARED, shared_facts, unknown_of
from training.structured_data import course as course_data
from training.structured_data import venue as venue_data


def environment(**options: Any) -> Environment:
    env = jinja.environment(**options)
    env.globals.update(
        NOTHING_SHARED=NOTHING_SHARED,
        badges_of=badges_of,
        citation_of=citation_of,
        in_words=in_words,
        course_data=course_data,
        publication_data=publication_data,
        shared_facts=shared_facts,
        site_data=json_ld.site,
        unknown_of=unknown_of,
        venue_data=venue_data,
    )
    return env


def citation_of(request: HttpRequest, publication: Any) -> Citation:
    address = absolute_url(request, publication.get_absolute_url())
    return Citation.of(publication, address=address, accessed=clock.today())
