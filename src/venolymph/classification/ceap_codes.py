"""Codes of a CEAP classification: those of each letter in an edition, and how they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from venolymph.classification.tables import table

Symptoms = Literal["s", "a"]
Edition = Literal[2020, 2004, 1994]
Anatomy = tuple[tuple[str, tuple[str, ...]], ...]

PARTS = {"E": "etiology", "A": "anatomy", "P": "pathophysiology"}
"""Letters behind C, with the fields that hold their codes."""


def usual_form(fields: Mapping[str, Any]) -> str:
    """A classification as it is printed, from the fields of a `Ceap`."""
    clinical, symptoms = ",".join(fields["clinical"]), fields["symptoms"]
    if symptoms:
        # C2s and C2rs, but C4a,s and C2,3,s; C4,a is class 4 without symptoms, where C4a is class 4a
        plain = len(fields["clinical"]) == 1 and clinical in {"0", "1", "2", "2r", "3", "5", "6", "6r"}
        clinical += symptoms if plain else f",{symptoms}"
    systems = [system + (f"({','.join(named)})" if named else "") for system, named in fields["anatomy"]]
    parts = [f"C{clinical}"]
    for letter, codes in (("E", fields["etiology"]), ("A", systems), ("P", fields["pathophysiology"])):
        if codes:
            parts.append(letter + ",".join(codes))
    parts += [str(part) for part in (fields["level"], fields["date"]) if part is not None]
    return " ".join(parts)


def codes_of(letter: str, edition: Edition) -> dict[str, str]:
    """Codes of a letter in an edition."""
    entry = table("ceap")[letter]
    since = entry.get("since", {})
    codes = {code: words for code, words in entry["codes"].items() if since.get(code, 0) <= edition}
    return codes if edition == 2020 else codes | entry.get("old", {})
