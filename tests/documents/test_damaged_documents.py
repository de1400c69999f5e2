"""Damaged documents of every kind give one error of ours, never a trace-back; `make soak` reads many more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from documents.damaged import read
from venolymph.body.person import load_person
from venolymph.errors import DocumentError
from venolymph.massage import load_session
from venolymph.regimen import load_regimen


def test_damaged_documents() -> None:
    known = [2003, 3911, 37650]  # half a character; a name longer than names of files can be
    wrong = [told for number in [*range(700), *known] if (told := read(number)) is not None]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("load", [load_person, load_regimen, load_session])
@pytest.mark.parametrize(
    "name", ["x" * 5000, "a\x00b", "\ud800", "x" * 5000 + ".yaml", "/" + "x" * 5000, "no/such\x00.yaml"]
)
def test_names_that_no_file_can_have(load: Callable[[str], object], name: str) -> None:
    with pytest.raises(DocumentError):
        load(name)
