"""Form field for the file of a document: sent with the form, or sent before and named by uid."""

from collections.abc import Mapping
from typing import Any, TypedDict
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.template.defaultfilters import filesizeformat

from mscp.editing.held_uploads import HeldUpload, ShowsHeldFile
from mscp.files.held_files import HELD
from mscp.files.sizes import attributes
from mscp.typing import AnyUser
from reviews.documents.intake import LATER, take_in
from reviews.models import DocumentFile
from reviews.uploads import MOST

# Beside the file input: the uid of a file that was sent before the form.
TAKEN = "_taken"
CLEARED = "-clear"
# Beside it: why the file that was sent last was refused, until another is chosen.
REFUSED = "_refused"
LONGEST_REFUSAL = 1000
# The name of the field in every form of a document.
FIELD = "file"
GONE = "The file that was sent before is gone. Choose it again."


def take_in_uploads(request: HttpRequest) -> None:
    """Take in every PDF of a form, and replace it by its uid in the form's data.

    Before the form is validated, so that the file stays although something else in the form is
    refused, and before the transaction begins, which a minute of reading would keep open. A
    refused file stays in FILES, with the reason in its attribute ``refusal``; the reason also goes
    along with the form, until another file is chosen. A held file that may be taken in later stays
    held.
    """
    given: Any = request.POST.copy()
    for name in list(request.FILES):
        if name.rpartition("-")[2] != FIELD:
            continue
        upload: Any = request.FILES[name]
        try:
            kept = take_in(upload, name=upload.name or "", user=request.user)
        except ValidationError as error:
            upload.refusal = error
            if isinstance(upload, HeldUpload) and getattr(error, "code", None) == LATER:
                continue
            if isinstance(upload, HeldUpload):
                upload.release()
            given[f"{name}{HELD}"] = ""
            given[f"{name}{REFUSED}"] = f"{upload.name}: {' '.join(error.messages)}"
        else:
            given[f"{name}{TAKEN}"] = str(kept.uid)
            given[f"{name}{REFUSED}"] = given[f"{name}{HELD}"] = ""
            del request.FILES[name]
            upload.close()
            if isinstance(upload, HeldUpload):
                upload.release()
    forget_foreign(given, request.user)
    request.POST = given


def refusal_of(given: Mapping[str, Any], name: str) -> str:
    """Return why the file that was chosen last for a field was refused; "" if it was not."""
    return (
        "" if given.get(f"{name}{TAKEN}") else given.get(f"{name}{REFUSED}", "")[:LONGEST_REFUSAL]
    )


def files_sent_before(given: QueryDict) -> list[DocumentFile]:
    """Return the files that a form names by uid, after ``take_in_uploads``."""
    named = [taken(str(given[name])) for name in given if name.endswith(TAKEN) and given[name]]
    return [file for file in named if file]


def forget_foreign(given: QueryDict, user: AnyUser) -> None:
    """Remove uids of files that somebody else sent, and of files of another row."""
    seen: set[int] = set()
    for name in [name for name in given if name.endswith(TAKEN) and given[name]]:
        file = taken(str(given[name]))
        if file is None or file.document_id:
            continue
        if file.pk in seen or not (user.is_superuser or file.taken_in_by_id == user.pk):
            given[name] = GONE
        seen.add(file.pk)


class Sent(TypedDict):
    """A submitted file: the file itself, or the uid of one that was sent before."""

    upload: object
    taken: str
    cleared: bool


class DocumentFileInput(ShowsHeldFile, forms.ClearableFileInput):
    """Shows the current file, accepts a new one, and carries one that was sent before."""

    template_name = "admin/widgets/document_file.html"
    # Why the file that was chosen last was refused; its form sets it.
    refused = ""

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Mapping[str, object], name: str
    ) -> Sent:
        return {
            "upload": files.get(name),
            "taken": data.get(f"{name}{TAKEN}", ""),
            "cleared": f"{name}{CLEARED}" in data,
        }

    def in_words(self, value: Any, user: AnyUser) -> str:
        """Return the name of the file that somebody sent, or that there is none any more."""
        if isinstance(value, DocumentFile) or not isinstance(value, dict):
            file = _file(value)
            return file.original_name if file else ""
        file = taken(value["taken"]) if value["taken"] else None
        if file and (user.is_superuser or file.taken_in_by_id == user.pk):
            return f"{file.original_name} (sent, and still there)"
        return "To be taken away" if value["cleared"] else ""

    def value_omitted_from_data(
        self, data: Mapping[str, object], files: Mapping[str, object], name: str
    ) -> bool:
        return False

    def is_initial(self, value: object) -> bool:
        return isinstance(value, DocumentFile)

    def format_value(self, value: Any) -> Any:
        return value

    def get_context(
        self, name: str, value: object, attrs: dict[str, object] | None
    ) -> dict[str, Any]:
        file = _file(value)
        context = super().get_context(name, file, attrs)
        context["widget"] |= {
            "taken_name": f"{name}{TAKEN}",
            "taken": str(file.uid) if file and not file.is_current else "",
            "refused_name": f"{name}{REFUSED}",
            "refused": self.refused,
            "size": filesizeformat(file.size) if file else "",
        }
        return {**context, "file": file}


def _file(value: Any) -> DocumentFile | None:
    if isinstance(value, DocumentFile):
        return value
    if not value:
        return None
    return DocumentFile.objects.select_related("document").filter(pk=value).first()


class DocumentFileField(forms.FileField):
    """Cleans to a DocumentFile, or to None if the document is to have no file."""

    widget = DocumentFileInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), **attributes(MOST)}

    def clean(self, data: Sent, initial: object = None) -> DocumentFile | None:
        now = _file(initial)
        if data["upload"] is not None:
            refusal = getattr(data["upload"], "refusal", None)
            if isinstance(data["upload"], HeldUpload) and refusal is None:
                # The form is only shown, and takes it in when it is sent.
                return now
            raise refusal or ValidationError("This file was not read. Choose it again.")
        if data["taken"]:
            file = taken(data["taken"])
            if file is None or (file.document_id and (not now or file.document != now.document)):
                raise ValidationError(GONE)
            return file
        return None if data["cleared"] else now

    def bound_data(self, data: Sent | None, initial: object) -> object:
        file = taken(data["taken"]) if data and data["taken"] else None
        return file or initial

    def has_changed(self, initial: object, data: Any) -> bool:
        if data["upload"] is not None or data["cleared"]:
            return True
        now = _file(initial)
        return bool(data["taken"]) and (now is None or str(now.uid) != data["taken"])


def taken(uid: str) -> DocumentFile | None:
    """Return a file that was taken in before, by its uid."""
    try:
        key = UUID(uid)
    except ValueError:
        return None
    return DocumentFile.objects.select_related("document").filter(uid=key).first()
