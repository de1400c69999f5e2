"""What a page sends: fields of a form, none of them endless."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile

from venolymph.errors import DocumentError
from venolymph.plain_text import decode

MOST_FIELDS = 400
LARGEST_FILE = 1_000_000
"""Bytes of a file or of a field."""


@dataclass(frozen=True)
class SentForm:
    """Fields of a form by name, in the order in which they were sent."""

    fields: dict[str, list[str]]

    def all(self, name: str) -> list[str]:
        """All values of a field that are not empty."""
        return [value for value in self.fields.get(name, []) if value.strip()]

    def one(self, name: str) -> str:
        """The last value of a field that is not empty; empty where there is none."""
        return (self.all(name) or [""])[-1]


async def read_form(request: Request) -> SentForm:
    """The form of a request; a file counts as the text in it, and its name as the field `NAME.file`.

    Raises:
        DocumentError: where a file is too large or no text.
    """
    found: dict[str, list[str]] = {}
    async with request.form(max_files=4, max_fields=MOST_FIELDS, max_part_size=LARGEST_FILE) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                raw = await value.read(LARGEST_FILE + 1)
                if len(raw) > LARGEST_FILE:
                    raise DocumentError(f"the file has more than {LARGEST_FILE:,} bytes", hint="is this the right one?")
                if raw:
                    text = decode(raw, value.filename or "file", "what is opened here is text")
                    found.setdefault(name, []).append(text)
                    found.setdefault(f"{name}.file", []).append(value.filename or "")
            else:
                found.setdefault(name, []).append(value)
    return SentForm(found)


def check_token(request: Request, form: SentForm) -> None:
    """Refuse a form that runs something where it does not carry the token of this start.

    Raises:
        DocumentError: where it does not.
    """
    if not hmac.compare_digest(form.one("token").encode(), request.app.state.token.encode()):
        raise DocumentError("this page is of an earlier start of the program", hint="press the button once more")
