"""CEAP, the classification of chronic venous disorders, revision of 2020 (`ceap.toml` has the codes and the source).

    C2s Ep As(GSVa) Pr
    C2,4b,s Ep As(GSVa,GSVb),p(CPV) Pr,o LII 2026-03-02

One leg at one time: clinical classes with `s` (symptoms) or `a` (none), cause, veins affected with the named segments,
reflux or obstruction; then, where given, level of investigation and date. Reading and printing are each other's
inverse; what is printed is the usual form (codes in the table's order, commas between them).
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn, get_args

from venolymph.classification.tables import table
from venolymph.errors import DocumentError, nearest
from venolymph.units import show

LONGEST = 300
"""Characters that a classification may have; one that names every code has fewer."""

Symptoms = Literal["s", "a"]
Edition = Literal[2020, 2004]
Anatomy = tuple[tuple[str, tuple[str, ...]], ...]


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
        edition: of 2020, or of 2004 for old records (`Es` without i or e; no `2r`, `4c`, `6r`).

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

    def __post_init__(self) -> None:
        for name, value in _Reader(str(self), self.edition).read().items():
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        clinical = ",".join(self.clinical)
        if self.symptoms:
            # C2s and C2rs, but C4a,s and C2,3,s; C4,a is class 4 without symptoms, where C4a is class 4a
            plain = len(self.clinical) == 1 and clinical in {"0", "1", "2", "2r", "3", "5", "6", "6r"}
            clinical += self.symptoms if plain else f",{self.symptoms}"
        systems = [system + (f"({','.join(named)})" if named else "") for system, named in self.anatomy]
        parts = [f"C{clinical}"]
        for letter, codes in (("E", self.etiology), ("A", systems), ("P", self.pathophysiology)):
            if codes:
                parts.append(letter + ",".join(codes))
        parts += [str(part) for part in (self.level, self.date) if part is not None]
        return " ".join(parts)

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
        if "s" in self.etiology:
            return ("Es does not say whether the vein was damaged from inside (Esi) or disturbed from outside (Ese)",)
        return ()

    def words(self) -> list[str]:
        """What each code means, one line each."""
        codes = table("ceap")
        lines = [f"C{code}: {codes['C']['codes'][code]}" for code in self.clinical]
        if self.symptoms:
            lines.append(f"{self.symptoms}: {codes['symptoms'][self.symptoms]}")
        lines += [f"E{code}: {_codes('E', self.edition)[code]}" for code in self.etiology]
        for system, named in self.anatomy:
            lines.append(f"A{system}: {codes['A']['codes'][system]}")
            lines += [f"{segment}: {codes['A']['segments'][system][segment]}" for segment in named]
        lines += [f"P{code}: {codes['P']['codes'][code]}" for code in self.pathophysiology]
        if self.level:
            lines.append(f"{self.level}: {codes['levels'][self.level]}")
        return lines


def parse_ceap(text: str, edition: Edition = 2020) -> Ceap:
    """Read a classification such as `C2s Ep As(GSVa) Pr`.

    Args:
        text: the classification; E, A and P may be left out.
        edition: 2020, or 2004 for old records.

    Raises:
        DocumentError: where it is none; the message names the character at which reading stopped.
    """
    return Ceap(**_Reader(text, edition).read(), edition=edition)


def _codes(letter: str, edition: Edition) -> dict[str, str]:
    """Codes of a letter in an edition."""
    entry = table("ceap")[letter]
    if edition == 2020:
        return entry["codes"]
    return {code: words for code, words in entry["codes"].items() if code not in entry.get("new", ())} | entry.get(
        "old", {}
    )


class _Reader:
    """Walks through a classification from its first character to its last."""

    def __init__(self, text: object, edition: Edition) -> None:
        if edition not in get_args(Edition):
            raise DocumentError(f"there is no edition {show(edition)} of CEAP here; there are 2020 and 2004")
        if not isinstance(text, str):
            raise DocumentError(
                f"found {show(text)}, where a CEAP classification is needed", hint="write it as in C2s Ep As(GSVa) Pr"
            )
        if len(text) > LONGEST:
            raise DocumentError(
                f"a CEAP classification has at most {LONGEST} characters; found {len(text)}",
                hint="write one leg at a time, as in C2s Ep As(GSVa) Pr",
            )
        self.text = text
        self.edition: Edition = edition
        self.at = 0

    def read(self) -> dict[str, Any]:
        """The fields of a `Ceap`."""
        found: dict[str, Any] = {"symptoms": None, "level": None, "date": None}
        self.match(r"\s*")
        if not self.match("C"):
            self.fail("a classification starts with C and a clinical class", "write it as in C2s Ep As(GSVa) Pr")
        found["clinical"] = self.sorted("C", self.clinical(found))
        names = {"E": "etiology", "A": "anatomy", "P": "pathophysiology"}
        for letter, name in names.items():
            self.gap()
            found[name] = self.sorted(letter, self.codes(letter)) if self.match(letter) else ()
        self.gap()
        while self.at < len(self.text) and (self.level(found) or self.day(found)):
            self.gap()
        if self.at < len(self.text):
            given = self.text[self.at]
            again = given in "CEAP"
            self.fail(
                "a classification has C, E, A, P, level and date, each once and in this order",
                f"{given} is given twice or out of its place" if again else "write it as in C2s Ep As(GSVa) Pr LII",
            )
        return found

    def clinical(self, found: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Clinical classes, and the letter of symptoms behind them."""
        classes: dict[str, tuple[str, ...]] = {}
        while True:
            last = self.code("C", classes)
            symptom = self.match(r",?([sa])(?![a-z0-9])")
            if symptom:
                found["symptoms"] = symptom[1]
            if symptom or not self.match(r",(?=[^\sEAPL])"):
                self.close("C", last)
                return classes

    def codes(self, letter: str) -> dict[str, tuple[str, ...]]:
        """Codes of a letter, each with its segments."""
        codes: dict[str, tuple[str, ...]] = {}
        while True:
            last = self.code(letter, codes)
            if letter == "A" and self.match(r"\("):
                codes[last] = self.segments(last)
            # Pro is as usual as Pr,o
            if not self.match(r",(?=[^\sCEAPL\d])") and not (letter == "P" and self.match(r"(?=[a-z])")):
                self.close(letter, last)
                return codes

    def code(self, letter: str, before: dict[str, tuple[str, ...]]) -> str:
        """The next code of a letter, noted among those before it."""
        known = _codes(letter, self.edition)
        start = self.at
        code = self.match("|".join(sorted(known, key=len, reverse=True)))
        if code is None:
            entry = table("ceap")[letter]
            hint = None
            if letter == "E" and self.match("s"):
                self.at = start
                hint = "write Esi or Ese; an old record with Es is read with edition=2004"
            self.fail(f"{letter} ({entry['name']}) goes on with one of {', '.join(known)}", hint)
        new = code[0]
        alone = table("ceap")[letter]["alone"]
        for other in before:
            if new.startswith(other) or other.startswith(new):
                self.fail(f"{letter}{other} and {letter}{new} say the same twice", "keep one of the two", start)
            if new in alone or other in alone:
                lone, rest = (new, other) if new in alone else (other, new)
                self.fail(f"{letter}{lone} stands alone, so {letter}{rest} does not go with it", None, start)
        before[new] = ()
        return new

    def segments(self, system: str) -> tuple[str, ...]:
        """Names between brackets, in the table's order."""
        known = table("ceap")["A"]["segments"]
        mine = known.get(system, {})
        named: set[str] = set()
        while True:
            self.match(r"\s*")
            start = self.at
            word = self.match(r"[A-Za-z]+")
            name = word[0] if word else ""
            if name not in mine:
                owner = next((other for other, names in known.items() if name in names), None)
                near = nearest(name, mine)
                hint = f"did you mean {near!r}?" if near else None
                allowed = f"A{system} has the segments {', '.join(mine)}" if mine else f"A{system} has no segments"
                self.fail(allowed, f"{name} belongs to A{owner}" if owner else hint, start)
            if name in named:
                self.fail(f"{name} is named twice", "keep one of the two", start)
            named.add(name)
            if self.match(r"\s*\)"):
                return tuple(segment for segment in mine if segment in named)
            if not self.match(r"\s*,"):
                self.fail("segments stand between brackets with commas, as in As(GSVa,GSVb)", None)

    def level(self, found: dict[str, Any]) -> bool:
        """The level of investigation, if it stands here."""
        start = self.at
        word = self.match(r"L\w*")
        if word is None:
            return False
        levels = table("ceap")["levels"]
        if word[0] not in levels:
            self.fail(f"a level of investigation is one of {', '.join(levels)}", None, start)
        if found["level"]:
            self.fail("the level of investigation is given twice", "keep one of the two", start)
        found["level"] = word[0]
        return True

    def day(self, found: dict[str, Any]) -> bool:
        """The date, if it stands here."""
        start = self.at
        word = self.match(r"[0-9][0-9-]*")
        if word is None:
            return False
        if found["date"]:
            self.fail("the date is given twice", "keep one of the two", start)
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word[0]):
            self.fail("a date is written as in 2026-03-02", None, start)
        try:
            found["date"] = datetime.date.fromisoformat(word[0])
        except ValueError:
            self.fail(f"{word[0]} is not in the calendar", None, start)
        return True

    def sorted(self, letter: str, given: dict[str, tuple[str, ...]]) -> Any:
        """Codes in the table's order; those of A with their segments."""
        codes = [code for code in _codes(letter, self.edition) if code in given]
        return tuple((code, given[code]) for code in codes) if letter == "A" else tuple(codes)

    def close(self, letter: str, last: str) -> None:
        """Makes sure that what follows a letter's codes is not part of them."""
        if not self.match(r"(?=[\s,CEAPL]|$)"):
            follows = self.text[self.at]
            hint = None
            if follows == "r":
                hint = "only varicose veins (2r) and open ulcers (6r) are marked as come back"
            elif letter == "C" and follows in "SA":
                hint = "s and a are written small"
            elif follows == "(":
                hint = "segments go with A, as in As(GSVa)"
            like = [code for code in _codes(letter, self.edition) if code[0] == last[0]]
            self.fail(f"{letter}{last} ends here; allowed are {', '.join(letter + code for code in like)}", hint)

    def gap(self) -> None:
        """Blanks, with or without a comma."""
        self.match(r"\s*,?\s*")

    def match(self, pattern: str) -> re.Match[str] | None:
        """Goes past a pattern if it stands here."""
        found = re.compile(pattern).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def fail(self, message: str, hint: str | None, at: int | None = None) -> NoReturn:
        """Says what is wrong and at which character."""
        at = self.at if at is None else at
        word = re.compile(r"[^\s,()]+|.", re.DOTALL).match(self.text, at)
        found = "the end" if word is None else show(word[0])
        raise DocumentError(
            f"character {at + 1} of {show(self.text)}: found {found}; {message}",
            hint=hint or "write it as in C2s Ep As(GSVa) Pr",
        )
