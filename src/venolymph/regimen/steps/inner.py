"""Steps that hold others: the kinds of steps that there are, and all steps in a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from venolymph.steps.step import OneStep, Step

STEPS: dict[str, type[Step]] = {}
"""The kinds of steps by the word that each begins with in a document; `venolymph.regimen.loading` fills it."""

Inner = tuple[Annotated[Step, OneStep(lambda: STEPS, outermost=False)], ...]


def in_a_row(steps: tuple[Step, ...], above: tuple[str | int, ...]) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
    """Steps, those inside them in their place, each with its place in the document."""
    for number, step in enumerate(steps):
        for inner, place in step.unfolded():
            yield inner, (*above, number, step.word, *place)
