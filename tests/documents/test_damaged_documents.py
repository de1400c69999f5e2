"""Damaged documents of every kind give one error of ours, never a trace-back; `make soak` reads many more."""

from __future__ import annotations

from damaged import read


def test_damaged_documents() -> None:
    wrong = [told for number in range(700) if (told := read(number)) is not None]
    assert not wrong, "\n".join(wrong)
