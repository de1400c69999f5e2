"""What people give in place of text in UTF-8: each is named as what it is, with how to save it as text."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import venolymph as vl
from venolymph import documents
from venolymph.errors import DocumentError
from venolymph.following import load_readings
from venolymph.interop.svzerod import read_case
from venolymph.massage import load_session
from venolymph.plain_text import decode
from venolymph.screening import load_answers

PERSON = "# Größe gemessen, Müller’s Liege\n" + vl.load_person("healthy").to_yaml()
READERS: dict[str, Callable[[Path], Any]] = {
    "person": vl.load_person,
    "regimen": vl.load_regimen,
    "session": load_session,
    "answers": load_answers,
    "readings": load_readings,
    "svzerod": read_case,
}


def archive(*names: str, mimetype: str = "") -> bytes:
    """A ZIP archive with these files in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        if mimetype:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "<xml/>")
    return packed.getvalue()


OFFICE = "[Content_Types].xml", "_rels/.rels"
FILES: dict[str, tuple[bytes, str, str]] = {
    "utf-16 of Notepad": (PERSON.encode("utf-16"), "text in UTF-16", "Encoding UTF-8"),
    "utf-16, big end first": (b"\xfe\xff" + PERSON.encode("utf-16-be"), "text in UTF-16", "Encoding UTF-8"),
    "utf-16 without a mark": (PERSON.encode("utf-16-le"), "text in UTF-16", "Encoding UTF-8"),
    "utf-16 without a mark, big end first": (PERSON.encode("utf-16-be"), "text in UTF-16", "Encoding UTF-8"),
    "utf-32": (PERSON.encode("utf-32"), "text in UTF-32", "Encoding UTF-8"),
    "windows-1252": (PERSON.encode("cp1252"), "line 1 has 'Größe' in Windows-1252 or Latin-1", "Encoding UTF-8"),
    "latin-1": ("kind: person\nlabel: café\n".encode("latin-1"), "line 2 has 'café'", "CSV UTF-8"),
    "word": (archive(*OFFICE, "word/document.xml"), "a Word document (.docx)", "Plain text"),
    "excel": (archive(*OFFICE, "xl/workbook.xml"), "an Excel sheet (.xlsx)", "CSV UTF-8"),
    "odt": (archive(mimetype="application/vnd.oasis.opendocument.text"), "(.odt)", "plain text"),
    "ods": (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "(.ods)", "CSV"),
    "zip": (archive("person.yaml"), "an archive (ZIP)", "unpack it"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "(.doc, .xls)", "Plain text"),
    "rtf": (b"{\\rtf1\\ansi kind: person}", "(.rtf)", "plain text"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF", "made from"),
    "png": (b"\x89PNG\r\n\x1a\n\x00", "a picture (PNG)", "text that was meant"),
    "noise": (b"kind: person\x00\x01\x02", "not text: character 13", "given by mistake"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_given_by_mistake_is_named(reader: str, name: str, tmp_path: Path) -> None:
    raw, what, hint = FILES[name]
    path = tmp_path / ("given.csv" if reader == "readings" else "given.yaml")
    path.write_bytes(raw)
    with pytest.raises(DocumentError) as caught:
        READERS[reader](path)
    assert what in caught.value.message
    assert caught.value.message.endswith("in UTF-8")
    assert hint in (caught.value.hint or "")
    assert caught.value.place == str(path)


@pytest.mark.parametrize(("kind", "name"), [("an Excel sheet", "t.xlsx"), ("a Word", "t.DOCX"), ("a PDF", "t.pdf")])
def test_one_that_is_too_large_is_named_by_its_name(kind: str, name: str, tmp_path: Path) -> None:
    large = tmp_path / name
    large.write_bytes(bytes(documents.LARGEST + 1))
    with pytest.raises(DocumentError) as caught:
        vl.load_person(large)
    assert kind in caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_text_in_utf_8_is_read_with_its_mark_or_without(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "person.yaml"
    path.write_text(PERSON, encoding)
    assert vl.load_person(path) == vl.load_person("healthy")


def test_a_table_of_a_spreadsheet_in_windows_1252(tmp_path: Path) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([["Datum", "Höhe"], ["2026-03-02", "12"]])
    path = tmp_path / "tape.csv"
    path.write_bytes(written.getvalue().encode("cp1252"))
    with pytest.raises(DocumentError, match=r"line 1 has 'Höhe' in Windows-1252.*a table \(CSV\) in UTF-8"):
        load_readings(path)


@given(st.binary(max_size=200) | st.text(max_size=60).map(lambda text: text.encode("utf-16-le", "surrogatepass")))
def test_whatever_is_given_it_is_text_or_refused(raw: bytes) -> None:
    try:
        text = decode(raw, "given.yaml", "a document is a YAML file")
    except DocumentError as error:
        refused = error
    else:
        assert text == raw.decode("utf-8-sig")
        return
    assert refused.hint
    assert refused.place == "given.yaml"
