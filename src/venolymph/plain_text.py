"""Bytes of a file that somebody gave, as text; where they are none, what they are and how to save them as text.

People give what their programs write: text in UTF-16 from Windows, in Windows-1252 from older spreadsheets, and by
mistake the Word document or the PDF that the text stands in.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from venolymph.errors import DocumentError
from venolymph.units import show

HEAD = 65_536
"""Bytes by which a kind of file is known."""

_AS_TEXT = "save it as plain text in UTF-8 (in Word: Save as, Plain text, then UTF-8), or copy the text into a new file"
_AS_CSV = "save the sheet as text in UTF-8 (in Excel: Save as, CSV UTF-8)"
_AS_UTF8 = "save it anew in UTF-8 (in Notepad: Save as, Encoding UTF-8; in Excel: CSV UTF-8)"
_GIVEN = "give the file of text that was meant"

_WORD = ("a Word document (.docx)", _AS_TEXT)
_EXCEL = ("an Excel sheet (.xlsx)", _AS_CSV)
_PDF = ("a PDF", "give the text that it was made from")
# what a file begins with -> what it is, what to do
_BEGINNINGS: dict[bytes, tuple[str, str]] = {
    b"%PDF-": _PDF,
    b"\xd0\xcf\x11\xe0": ("a document of Word or Excel (.doc, .xls)", f"{_AS_TEXT}; {_AS_CSV}"),
    b"{\\rtf": ("a document of a word processor (.rtf)", _AS_TEXT),
    b"\x89PNG": ("a picture (PNG)", _GIVEN),
    b"\xff\xd8\xff": ("a picture (JPEG)", _GIVEN),
    b"GIF8": ("a picture (GIF)", _GIVEN),
    b"\x1f\x8b": ("a packed file (gzip)", "unpack it, and give what was in it"),
}
# what stands in a ZIP archive -> what it is, what to do
_ARCHIVES: dict[bytes, tuple[str, str]] = {
    b"word/": _WORD,
    b"xl/": _EXCEL,
    b"opendocument.text": ("a document of a word processor (.odt)", _AS_TEXT),
    b"opendocument.spreadsheet": ("a spreadsheet (.ods)", _AS_CSV),
    b"": ("an archive (ZIP)", "unpack it, and give the file of text that was in it"),
}
_ENDINGS = {".docx": _WORD, ".xlsx": _EXCEL, ".pdf": _PDF}


def decode(raw: bytes, place: str, wanted: str) -> str:
    """The text of a file.

    Args:
        raw: its content.
        place: the file's name, for messages.
        wanted: what the file should be, such as `a document is a YAML file`.

    Raises:
        DocumentError: where it is not text in UTF-8; the message says what it is, the hint how to save it.
    """
    kind = next((found for start, found in _BEGINNINGS.items() if raw.startswith(start)), None)
    if raw.startswith(b"PK\x03\x04"):
        kind = next(found for part, found in _ARCHIVES.items() if part in raw[:HEAD])
    if kind is not None:
        _refuse(f"this is {kind[0]}", kind[1], place, wanted)
    for encoding in ("utf-32", "utf-16"):
        if _written_in(raw, encoding):
            _refuse(f"this is text in {encoding.upper()}", _AS_UTF8, place, wanted)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        old = _older(raw, error.start)
        if old is not None:
            line = raw.count(b"\n", 0, error.start) + 1
            _refuse(
                f"line {line} has {show(old)} in Windows-1252 or Latin-1, or another encoding from before UTF-8",
                _AS_UTF8,
                place,
                wanted,
            )
        text, found = "", f"byte {error.start + 1} is 0x{raw[error.start]:02x}"
    else:
        bad = next((n for n, char in enumerate(text) if char < " " and char not in "\t\n\r"), None)
        found = None if bad is None else f"character {bad + 1} is a control character"
    if found is not None:
        _refuse(
            f"this is not text: {found}", "was a picture, a spreadsheet or an archive given by mistake?", place, wanted
        )
    return text


def refuse_by_ending(place: str, wanted: str) -> None:
    """Refuse a file that is not read, where its name says what it is.

    Raises:
        DocumentError: where the name ends as those of other kinds do.
    """
    kind = _ENDINGS.get(PurePath(place).suffix.lower())
    if kind is not None:
        _refuse(f"this is {kind[0]}", kind[1], place, wanted)


def _refuse(message: str, hint: str, place: str, wanted: str) -> None:
    raise DocumentError(f"{message}; {wanted} in UTF-8", hint=hint, place=place)


def _written_in(raw: bytes, encoding: str) -> bool:
    """Whether text is in UTF-16 or UTF-32: it begins with the mark of that, or nearly every letter has its zeros."""
    if encoding == "utf-32":
        return raw.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"))
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    head = raw[:HEAD]
    first, second = head[0::2].count(0), head[1::2].count(0)
    many, few = max(first, second), min(first, second)
    return len(head) >= 4 and many > 0.6 * len(head) / 2 and few == 0


def _older(raw: bytes, at: int) -> str | None:
    """The word around a byte in Windows-1252, if the file can be text in that."""
    if any(byte < 32 and byte not in b"\t\n\r" for byte in raw[:HEAD]):
        return None
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    # a byte is a character in that encoding
    words = re.compile(r"[^\s:;,=\"'()\[\]{}]+").finditer(text, max(0, at - 40))
    return next((word[0][:40] for word in words if word.end() > at), None)
