"""Damaged documents without end: `make soak` reads 100,000 (VENOLYMPH_SOAK_DOCUMENTS), from VENOLYMPH_SOAK_FROM on."""

from __future__ import annotations

import os

import pytest

from documents.damaged import read


@pytest.mark.soak
@pytest.mark.skipif("VENOLYMPH_SOAK" not in os.environ, reason="`make soak` runs it")
def test_many_damaged_documents(capsys: pytest.CaptureFixture[str]) -> None:
    first = int(os.environ.get("VENOLYMPH_SOAK_FROM", "0"))
    number = int(os.environ.get("VENOLYMPH_SOAK_DOCUMENTS", "100000"))
    wrong = [told for one in range(first, first + number) if (told := read(one)) is not None]
    with capsys.disabled():
        print("\n" + "\n".join([f"{len(wrong)} of {number} damaged documents gave a trace-back", *wrong]), end=" ")
    assert not wrong
