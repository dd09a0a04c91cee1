"""Held files in forms of the admin: shown at their field, and taken like any upload when sent.

A form names a held file beside the input for a file. Whatever reads the form then finds it among
the files of the request, and need not know that no browser sent it this time.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from mscp.files.held_files import HELD, LEFT_OUT, HeldFile
from mscp.web.holding import hold

GONE = "The file that was sent before is gone. Choose it again."
# In the data of a form, in place of the uid of a file that is not there any more.
_GONE = "gone"


class HeldUpload(UploadedFile):  # type: ignore[type-arg]
    """A held file as a form takes an upload."""

    def __init__(self, held: HeldFile, content: Any) -> None:
        super().__init__(content, held.name, None, held.size)
        self.held: HeldFile | None = held

    def release(self) -> None:
        """Delete the held file: it was taken in, or refused for good."""
        if self.held:
            self.held.delete()
        self.held = None


def put_among_files(request: HttpRequest, sent: QueryDict) -> QueryDict:
    """Add the held files that a form names to the files of a request; return its data.

    Only those of the person who asks. One that was chosen anew takes the place of the held one.
    """
    given, named = sent.copy(), []
    files: Any = request.FILES
    for key in [key for key in sent if key.endswith(HELD) and sent[key]]:
        name = key.removesuffix(HELD)
        held = HeldFile.objects.of(request.user.pk).with_uid(str(sent[key]))
        if held:
            named.append(held)
        if files.get(name) or sent.get(f"{name}{LEFT_OUT}"):
            given[key] = ""
        elif upload := _opened(held):
            files[name] = upload
        else:
            given[key] = _GONE
    request.held_files = named  # type: ignore[attr-defined]
    return given


def _opened(held: HeldFile | None) -> HeldUpload | None:
    try:
        return HeldUpload(held, held.content.open("rb")) if held else None
    except Exception:  # noqa: BLE001 - disk, or the client of S3: it cannot be had now
        return None


def delete_held(request: HttpRequest) -> None:
    """Delete the held files that a form named, once it was saved."""
    for held in getattr(request, "held_files", []):
        # It may have been taken in before.
        if held.pk:
            held.delete()


def delete_named(typed: QueryDict, user: int) -> None:
    """Delete the held files that a kept form names, once it is thrown away."""
    for held in held_in(typed, user):
        held.delete()


def held_in(typed: QueryDict, user: int) -> list[HeldFile]:
    """Return the files of a person that a form names and that are still held."""
    uids = [str(typed[key]) for key in typed if key.endswith(HELD) and typed[key]]
    found = [HeldFile.objects.of(user).with_uid(uid) for uid in uids]
    return [held for held in found if held]


def hold_chosen(request: HttpRequest, bound: Iterable[forms.BaseForm]) -> None:
    """Hold the files that were chosen in forms with a mistake elsewhere; a browser keeps none.

    Where the disk is full or the database locked, nothing more is tried.
    """
    may_hold = not hasattr(request, "unavailable")
    for form in bound:
        for name in form.fields:
            prefixed = form.add_prefix(name)
            chosen: Any = form.files.get(prefixed) if form.is_bound else None
            # A refused file is not the one to keep.
            if not chosen or isinstance(chosen, HeldUpload) or hasattr(chosen, "refusal"):
                continue
            if name in form.errors:
                continue
            upload = _opened(hold(request.user.pk or 0, chosen) if may_hold else None)
            if upload is None:
                form.add_error(name, "Choose the file again: a browser does not keep it.")
                continue
            chosen.close()
            form.files[prefixed] = upload
        show_held(form)


def say_which_are_gone(form: forms.BaseForm) -> None:
    """Add an error to each field whose held file is not there any more."""
    for name in form.fields:
        prefixed = form.add_prefix(name)
        if form.data.get(f"{prefixed}{HELD}") == _GONE and not form.files.get(prefixed):
            form.add_error(name, GONE)


class ShowsHeldFile:
    """Mixin of a file input: shows, and names in the form, the file that is held for it."""

    # Its form sets it: Django gives a file input what is saved, never what was sent.
    upload: object = None

    def get_context(self, name: str, value: Any, attrs: dict[str, object] | None) -> dict[str, Any]:
        base: Any = super()
        context: dict[str, Any] = base.get_context(name, value, attrs)
        context["widget"] |= {
            "held": self.upload.held if isinstance(self.upload, HeldUpload) else None,
            "held_name": f"{name}{HELD}",
            "left_out_name": f"{name}{LEFT_OUT}",
        }
        return context


def show_held(form: forms.BaseForm) -> None:
    """Tell the file inputs of a form which files are held for them."""
    for name, field in form.fields.items():
        if isinstance(field.widget, ShowsHeldFile):
            field.widget.upload = form.files.get(form.add_prefix(name))


def held_text(data: Mapping[str, Any], name: str, user: int | None) -> str:
    """Return in words which file is held for a field; "" for none."""
    uid = data.get(f"{name}{HELD}", "")
    held = HeldFile.objects.of(user).with_uid(uid) if uid else None
    return f"{held.name} (sent, and still there)" if held else ""
