"""Public views of a document: its file, its pictures, its text as a page, all behind one gate."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from inspect import unwrap
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_safe

from mscp.cache.pages import reads
from mscp.database.compiled_query import Bindings, CompiledQuery
from mscp.files.sending import send_file
from mscp.publishing.gate import change_permission
from mscp.publishing.preview_links import PreviewLink
from mscp.publishing.views import behind_link, reader_of
from mscp.search import declared_synonyms
from mscp.search.analysis import plain_words
from mscp.search.query import LONGEST_QUERY, Query
from mscp.search.query import read as read_query
from mscp.text.folding import strip_invisible
from mscp.typing import AnyUser
from reviews.documents.permissions import may_settle
from reviews.documents.reading_page import (
    MOST_MATCHES,
    Picture,
    contents_of,
    corrected_of,
    pages_of,
    rows_of,
    show_pictures,
)
from reviews.documents.report_links import correction_address, take_over_address
from reviews.documents.taking_over import earlier_file
from reviews.models import KIND_PLURALS, Document, DocumentFile, FileWords, Publication
from reviews.models.documents import DocumentQuerySet
from reviews.pdf.report import COVER_WIDTHS

View = Callable[..., HttpResponseBase]

# Seconds for which a browser shows the picture of a page without asking again.
PICTURE_KEPT = 24 * 60 * 60


def _with_files() -> DocumentQuerySet:
    documents = Document.objects.select_related("publication", "file").with_noindex()
    return documents.exclude(file=None)


def _build_published(bindings: Bindings) -> DocumentQuerySet:
    documents = Document.objects.filter(uid=bindings.value("uid")).exclude(file=None)
    return documents.with_noindex().published(at=bindings.now)


# Every download and picture asks for one. To write the SQL took nine tenths of what a download
# costs besides its bytes.
_PUBLISHED = CompiledQuery(
    _build_published,
    joined={
        "publication": [field.name for field in Publication._meta.concrete_fields],
        "file": [field.name for field in DocumentFile._meta.concrete_fields],
    },
    convert={"is_noindex": bool},
)


def _published(uid: UUID) -> Document | None:
    """Return the document of this id if a visitor may have it."""
    bound = Document._meta.get_field("uid").get_db_prep_value(uid, connection)
    return next(iter(_PUBLISHED.records(uid=bound)), None)


def gated(view: Callable[..., HttpResponseBase]) -> View:
    """Decorate a view: visitors may have what is published, staff what they may change.

    All others get the 404 of an address that never existed, in the same time.
    """

    @require_safe
    @wraps(view)
    def check_gate(request: HttpRequest, uid: UUID, **kwargs: object) -> HttpResponseBase:
        document = _published(uid)
        is_public = document is not None
        if document is None:
            # Whoever has not signed in may preview nothing, so nothing is looked for.
            if request.user.is_authenticated:
                document = _with_files().filter(uid=uid).first()
            if document is None or not _may_preview(request.user, document):
                raise Http404
        response = view(request, document, preview=not is_public, **kwargs)
        if not is_public:
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            add_never_cache_headers(response)
        elif document.is_noindex:
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    return check_gate


def through_link(view: View) -> View:
    """Return a view of a document for a person outside: of the record of their link alone."""
    show: View = unwrap(view)

    @require_safe
    @behind_link
    def check_document(
        request: HttpRequest, link: PreviewLink, address: str, uid: UUID, **kwargs: object
    ) -> HttpResponseBase:
        if not isinstance(link.record, Publication):
            raise Http404
        document = _with_files().filter(publication=link.object_id, uid=uid).first()
        if document is None:
            raise Http404
        document.served_under = address
        response = show(request, document, preview=True, **kwargs)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data["reader"] = reader_of(link, address)
        return response

    if (parameters := getattr(view, "query_parameters", None)) is not None:
        check_document = reads(*parameters)(check_document)
    return check_document


def _may_preview(user: AnyUser, document: Document) -> bool:
    return user.has_perm(change_permission(document.publication.kind_model))


def _file_of(document: Document) -> DocumentFile:
    """Return its file: the gate lets no document through without one."""
    if document.file is None:
        raise Http404
    return document.file


@gated
def file(request: HttpRequest, document: Document, *, name: str, preview: bool) -> HttpResponseBase:
    """Send the file itself, inline or, with ``?download``, as an attachment."""
    if name != document.file_name:
        query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
        return redirect(f"{document.get_absolute_url()}{query}")
    return send_version(
        request, _file_of(document), name=document.file_name, attachment="download" in request.GET
    )


@gated
def cover(
    request: HttpRequest, document: Document, *, width: int, preview: bool
) -> HttpResponseBase:
    """Send the picture of its first page."""
    if width not in COVER_WIDTHS:
        raise Http404
    return send_cover(request, _file_of(document), width)


@gated
def page_picture(
    request: HttpRequest, document: Document, *, number: int, digest: str, preview: bool
) -> HttpResponseBase:
    """Send the picture of a page of the file that the document has now."""
    version = _file_of(document)
    # No database accepts every number.
    if digest != version.digest or number > version.pages:
        raise Http404
    picture = version.pictures.filter(number=number).first()
    if picture is None:
        raise Http404
    response = send_file(
        request,
        picture.content,
        name=f"page-{number}.webp",
        content_type="image/webp",
        etag=f"{version.sha256}-page-{number}",
        modified=version.taken_in_at,
    )
    if not preview and response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        # Another file has another address. Only the reader's own browser keeps it, and for a day:
        # the document may be withdrawn.
        patch_cache_control(response, private=True, max_age=PICTURE_KEPT, immutable=True)
    return response


@reads("q")
@gated
def read(request: HttpRequest, document: Document, *, preview: bool) -> HttpResponseBase:
    """Show the text of the file as a page, with an anchor for each page of the PDF.

    The words of ``q`` are marked.
    """
    version = _file_of(document)
    words = strip_invisible(request.GET.get("q", "")).strip()[:LONGEST_QUERY]
    query = read_query(words, declared_synonyms.current()) if words else Query()
    rows = rows_of(version)
    terms = FileWords.objects.filter(file=version).first() if query.wanted else None
    pages = pages_of(rows, query, terms)
    for row, page in zip(rows, pages, strict=True):
        if row.picture_width:
            address = document.picture_address(row.number, version.digest)
            show_pictures(page, Picture(address, row.picture_width, row.picture_height))
    take_over = ""
    if not document.served_under and may_settle(request.user, version):
        for page in pages:
            page.correct_address = correction_address(version, page.number)
        take_over = take_over_address(version) if earlier_file(version) else ""
    publication = document.publication
    context = {
        "document": document,
        "publication": publication,
        "publication_address": document.served_under or publication.get_absolute_url(),
        "pages": pages,
        "has_text": version.has_text,
        "has_words": version.has_words,
        "contents": contents_of(pages),
        "corrected": corrected_of(pages),
        "take_over": take_over,
        "here": document.reading_address,
        "words": words,
        "query": query,
        "too_common": plain_words(words),
        "matches": sum(len(page.matches) for page in pages),
        "most_matches": MOST_MATCHES,
        "preview": preview,
        "object": publication,
        "section": publication.kind,
        "list_address": f"reviews:{publication.kind}s",
        "list_heading": KIND_PLURALS[publication.kind],  # type: ignore[index]
        # The PDF is the record, and what a search engine should find.
        "noindex": document.is_noindex or not version.has_words or bool(words),
    }
    return TemplateResponse(request, "reviews/reading_page.html", context)


def send_version(
    request: HttpRequest, version: DocumentFile, *, name: str, attachment: bool = False
) -> HttpResponseBase:
    """Send one version of a file; the caller is the gate."""
    return send_file(
        request,
        version.content,
        name=name,
        content_type="application/pdf",
        etag=version.sha256,
        modified=version.taken_in_at,
        attachment=attachment,
        # A stored file that was changed by other means is not the one that was checked.
        expected_size=version.size,
    )


def send_cover(request: HttpRequest, version: DocumentFile, width: int) -> HttpResponseBase:
    return send_file(
        request,
        version.cover if width == min(COVER_WIDTHS) else version.large_cover,
        name=f"cover-{width}.webp",
        content_type="image/webp",
        etag=f"{version.sha256}-{width}",
        modified=version.taken_in_at,
    )
