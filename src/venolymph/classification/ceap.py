"""CEAP, the classification of chronic venous disorders, revision of 2020 (`ceap.toml` has the codes and the source).

    C2s Ep As(GSVa) Pr
    C2,4b,s Ep As(GSVa,GSVb),p(CPV) Pr,o LII 2026-03-02

One leg at one time: clinical classes with `s` (symptoms) or `a` (none), cause, veins affected with the named segments,
reflux or obstruction; then, where given, level of investigation and date. Reading and printing are each other's
inverse; what is printed is the usual form (codes in the table's order, commas between them).

Clinics and papers write the same in many ways (`C3,S, Ep, As,p, Pr`, `c2s ep as pr`, `C2,S Ep As Pr2,3 (L II)`). They
are read whatever the case of letters and with or without blanks and commas, as long as only one reading is possible.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace

from venolymph.classification.ceap_codes import PARTS, Anatomy, Edition, Symptoms, codes_of, usual_form
from venolymph.classification.ceap_reading import Reader
from venolymph.classification.tables import table


@dataclass(frozen=True)
class Ceap:
    """A classification of one leg. One that is written in Python keeps to the same rules as one that is read.

    Attributes:
        clinical: clinical classes such as `("2", "4b")`, in the table's order.
        symptoms: `s` with symptoms, `a` without, None where not stated.
        etiology: causes: `p`, `si`, `se`, `c`, `n`.
        anatomy: systems of veins (`s`, `d`, `p`, `n`), each with its named segments.
        pathophysiology: `r`, `o`, both, or `n`.
        level: level of investigation, `LI`, `LII` or `LIII`.
        date: when the leg was classified.
        edition: of 2020, or of 2004 or 1994 for old records (`Es` without i or e; no `2r`, `4c`, `6r`; in 1994 no
            `4a`, `4b` and `n` either).
        remarks: what reading it had to decide; it makes no difference between two classifications.

    Raises:
        DocumentError: where the parts do not make a classification.
    """

    clinical: tuple[str, ...]
    symptoms: Symptoms | None = None
    etiology: tuple[str, ...] = ()
    anatomy: Anatomy = ()
    pathophysiology: tuple[str, ...] = ()
    level: str | None = None
    date: datetime.date | None = None
    edition: Edition = 2020
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name, value in Reader(str(self), self.edition).read().fields().items():
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        printed = ("clinical", "symptoms", *PARTS.values(), "level", "date")
        return usual_form({name: getattr(self, name) for name in printed})

    @property
    def highest(self) -> str:
        """The highest clinical class, such as `4b`."""
        return self.clinical[-1]

    @property
    def basic(self) -> Ceap:
        """The basic form: the highest clinical class alone, and no segments."""
        return replace(self, clinical=(self.highest,), anatomy=tuple((system, ()) for system, _ in self.anatomy))

    @property
    def complete(self) -> bool:
        """Whether all four letters are stated."""
        return all((self.clinical, self.etiology, self.anatomy, self.pathophysiology))

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader should know about the classification."""
        unsaid = "Es does not say whether the vein was damaged from inside (Esi) or disturbed from outside (Ese)"
        return (*((unsaid,) if "s" in self.etiology else ()), *self.remarks)

    def words(self) -> list[str]:
        """What each code means, one line each."""
        codes = table("ceap")
        lines = [f"C{code}: {meaning(code)}" for code in self.clinical]
        if self.symptoms:
            lines.append(f"{self.symptoms}: {codes['symptoms'][self.symptoms]}")
        lines += [f"E{code}: {codes_of('E', self.edition)[code]}" for code in self.etiology]
        for system, named in self.anatomy:
            lines.append(f"A{system}: {codes['A']['codes'][system]}")
            lines += [f"{segment}: {codes['A']['segments'][system][segment]}" for segment in named]
        lines += [f"P{code}: {codes['P']['codes'][code]}" for code in self.pathophysiology]
        if self.level:
            lines.append(f"{self.level}: {codes['levels'][self.level]}")
        return lines


def parse_ceap(text: str, edition: Edition = 2020) -> Ceap:
    """Read a classification such as `C2s Ep As(GSVa) Pr`, in the usual form or as clinics and papers write it.

    Args:
        text: the classification; E, A and P may be left out.
        edition: 2020, or 2004 or 1994 for old records.

    Raises:
        DocumentError: where it is none (the message names the character at which reading stopped), or can be read in
            two ways (`C4A`).
    """
    read = Reader(text, edition).read()
    return Ceap(**read.fields(), edition=edition, remarks=read.remarks())


def meaning(code: str) -> str:
    """What a clinical class such as `4b` means, in words."""
    return table("ceap")["C"]["codes"][code]
