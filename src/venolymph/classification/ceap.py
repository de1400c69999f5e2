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
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from venolymph.classification.tables import table
from venolymph.errors import DocumentError, nearest
from venolymph.units import show

LONGEST = 300
"""Characters that a classification may have; one that names every code has fewer."""

Symptoms = Literal["s", "a"]
Edition = Literal[2020, 2004, 1994]
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
        for name, value in _Reader(str(self), self.edition).read().fields().items():
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
        unsaid = "Es does not say whether the vein was damaged from inside (Esi) or disturbed from outside (Ese)"
        return (*((unsaid,) if "s" in self.etiology else ()), *self.remarks)

    def words(self) -> list[str]:
        """What each code means, one line each."""
        codes = table("ceap")
        lines = [f"C{code}: {meaning(code)}" for code in self.clinical]
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
    """Read a classification such as `C2s Ep As(GSVa) Pr`, in the usual form or as clinics and papers write it.

    Args:
        text: the classification; E, A and P may be left out.
        edition: 2020, or 2004 or 1994 for old records.

    Raises:
        DocumentError: where it is none (the message names the character at which reading stopped), or can be read in
            two ways (`C4A`).
    """
    read = _Reader(text, edition).read()
    return Ceap(**read.fields(), edition=edition, remarks=read.remarks())


def meaning(code: str) -> str:
    """What a clinical class such as `4b` means, in words."""
    return table("ceap")["C"]["codes"][code]


PARTS = {"E": "etiology", "A": "anatomy", "P": "pathophysiology"}
"""Letters behind C, with the fields that hold their codes."""


def _codes(letter: str, edition: Edition) -> dict[str, str]:
    """Codes of a letter in an edition."""
    entry = table("ceap")[letter]
    since = entry.get("since", {})
    codes = {code: words for code, words in entry["codes"].items() if since.get(code, 0) <= edition}
    return codes if edition == 2020 else codes | entry.get("old", {})


# ------------------------------------------------------------------ reading

Codes = dict[str, dict[str, tuple[str, ...]]]
Numbers = tuple[tuple[str, tuple[int, ...]], ...]
_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₐₑₒₚᵣₛₙᵢ", "0123456789aeoprsni")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july")
_MONTHS += ("august", "september", "october", "november", "december")
_DATE = re.compile(
    r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})"
    r"|(?P<one>\d{1,2})(?P<mark>[./])(?P<two>\d{1,2})[./](?P<year2>\d{4})"
    r"|(?P<day3>\d{1,2})\.? (?P<name3>[a-z]{3,9})\.?,? (?P<year3>\d{4})"
    r"|(?P<name4>[a-z]{3,9})\.? (?P<day4>\d{1,2}),? (?P<year4>\d{4})",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class _Reading:
    """One way to read a text, as far as it was read.

    Attributes:
        at: the character to go on with.
        capital: whether the letter C is a capital.
        codes: codes of each letter as found, each with its segments.
        symptoms: the letter of symptoms.
        level: level of investigation.
        date: day of classification.
        numbered: codes whose segments are given by number.
        usual: whether every letter has the case of the usual form.
        alike: whether E, A and P have the case of C.
    """

    at: int
    capital: bool
    codes: Codes
    symptoms: str | None = None
    level: str | None = None
    date: datetime.date | None = None
    numbered: Numbers = ()
    usual: bool = True
    alike: bool = True

    def with_code(self, letter: str, code: str, segments: tuple[str, ...] = ()) -> Codes:
        """Codes with one more, or with segments added to one that is there."""
        mine = self.codes.get(letter, {})
        return self.codes | {letter: mine | {code: (*mine.get(code, ()), *segments)}}

    def fields(self) -> dict[str, Any]:
        """The fields of a `Ceap`; codes and segments in the table's order."""
        found: dict[str, Any] = {"symptoms": self.symptoms, "level": self.level, "date": self.date}
        for letter, name in {"C": "clinical", **PARTS}.items():
            order = [*table("ceap")[letter]["codes"], *table("ceap")[letter].get("old", ())]
            found[name] = tuple(sorted(self.codes.get(letter, ()), key=order.index))
        known, named = table("ceap")["A"], dict(self.codes.get("A", {}))
        for number in (number for _, numbers in self.numbered for number in numbers):
            names = known["numbers"][str(number)]
            owner = next(system for system, segments in known["segments"].items() if names[0] in segments)
            named[owner] = (*named.get(owner, ()), *names)
        found["anatomy"] = tuple(
            (system, tuple(segment for segment in known["segments"].get(system, ()) if segment in named[system]))
            for system in known["codes"]
            if system in named
        )
        return found

    def remarks(self) -> tuple[str, ...]:
        """What was decided where segments are given by number."""
        if not self.numbered:
            return ()
        remarks = ["segments are given by number, as before 2020; here they have their names and stand with A"]
        if any(1 in numbers for _, numbers in self.numbered):
            remarks.append("segment 1 was spider veins or reticular veins, which are not told apart; both are named")
        behind = [f"{code} {','.join(map(str, numbers))}" for code, numbers in self.numbered if code in ("Pr", "Po")]
        if len(behind) > 1:
            remarks.append(f"which segments leak and which are blocked is not kept: {'; '.join(behind)}")
        return tuple(remarks)


class _Reader:
    """Finds every way to read a classification from its first character to its last.

    A method takes a reading so far and gives each reading that goes on from it. Where none reaches the end, the error
    is the one of the place that reading got farthest to.
    """

    def __init__(self, text: object, edition: Edition) -> None:
        if edition not in get_args(Edition):
            raise DocumentError(f"there is no edition {show(edition)} of CEAP here; there are 2020, 2004 and 1994")
        if not isinstance(text, str):
            raise DocumentError(
                f"found {show(text)}, where a CEAP classification is needed", hint="write it as in C2s Ep As(GSVa) Pr"
            )
        if len(text) > LONGEST:
            raise DocumentError(
                f"a CEAP classification has at most {LONGEST} characters; found {len(text)}",
                hint="write one leg at a time, as in C2s Ep As(GSVa) Pr",
            )
        self.given = text
        self.text = text.translate(_PLAIN)
        self.edition: Edition = edition
        self.farthest: tuple[int, str, str | None] = (-1, "", None)

    def read(self) -> _Reading:
        """The one way to read the text."""
        different = {str(one.fields()): one for one in self.whole()}
        found = list(different.values())
        # C4a,s and C4 As are told apart by capitals, if the writer used them
        found = [one for one in found if one.usual] or [one for one in found if one.alike] or found
        if not found:
            at, message, hint = self.farthest
            word = re.compile(r"[^\s,()]+|.", re.DOTALL).match(self.given, at)
            raise DocumentError(
                f"character {at + 1} of {show(self.given)}: found {'the end' if word is None else show(word[0])}; "
                f"{message}",
                hint=hint or "write it as in C2s Ep As(GSVa) Pr",
            )
        if len(found) > 1:
            ways = [str(Ceap(**one.fields(), edition=self.edition)) for one in found]
            raise DocumentError(
                f"{show(self.given)} can be read in {len(ways)} ways: as {' or as '.join(ways)}",
                hint=f"write {' or '.join(ways)}",
            )
        return found[0]

    def whole(self) -> Iterator[_Reading]:
        """Readings of the whole text."""
        start = self.match(r"\s*(?:CEAP[-\s:=]*)?", 0) or 0
        at = self.match(r"C\s*", start)
        if at is None:
            self.miss(start, "a classification starts with C and a clinical class")
            return
        capital = self.text[start] == "C"
        readings = list(self.clinical(_Reading(at, capital, {}, usual=capital)))
        for letter in PARTS:
            readings += [on for one in readings for on in self.part(letter, one)]
        for one in readings:
            yield from self.tail(one)

    def clinical(self, reading: _Reading) -> Iterator[_Reading]:
        """Clinical classes, and the letter of symptoms behind them."""
        for last, one in self.code("C", reading):
            comma = self.match(r"\s*,\s*(?:C\s*(?=\d))?", one.at)  # C2,C3 is as clear as C2,3
            if comma is not None:
                yield from self.clinical(replace(one, at=comma))
            yield from self.symptoms(last, one)
            yield from self.close("C", last, one)

    def symptoms(self, last: str, reading: _Reading) -> Iterator[_Reading]:
        """The letter of symptoms, if it stands here."""
        found = re.compile(r"(\s*,\s*|\s+|)([sa])", re.IGNORECASE).match(self.text, reading.at)
        # C4a is class 4a; class 4 without symptoms is C4,a
        if found is None or (found[0] == "a" and f"{last}a" in _codes("C", self.edition)):
            return
        usual = reading.usual and found[2].islower() and (not found[1] or "," in found[1])
        on = replace(reading, at=found.end(), symptoms=found[2].lower(), usual=usual)
        if self.match(r"[\s,;/.(EAPL]|$", on.at) is not None:
            yield on

    def part(self, letter: str, reading: _Reading) -> Iterator[_Reading]:
        """Codes of E, A or P, if the letter stands here."""
        start = self.gap(reading.at)
        at = self.match(rf"{letter}\s*", start)
        if at is not None:
            capital = self.text[start].isupper()
            alike = reading.alike and capital == reading.capital
            yield from self.listed(letter, replace(reading, at=at, usual=reading.usual and capital, alike=alike))

    def listed(self, letter: str, reading: _Reading) -> Iterator[_Reading]:
        """One code of a letter or more, each with its segments."""
        for code, one in self.code(letter, reading):
            for on in (*self.segments(letter, code, one), one):
                comma = self.match(r"\s*[,/]\s*", on.at)
                if comma is not None:
                    yield from self.listed(letter, replace(on, at=comma))
                elif letter != "E" and self.match(r"(?=[a-z])", on.at) is not None:
                    # Pro is as usual as Pr,o
                    yield from self.listed(letter, on)
                yield from self.close(letter, code, on)

    def code(self, letter: str, reading: _Reading) -> Iterator[tuple[str, _Reading]]:
        """The code of a letter that stands here, added to those before it."""
        known = _codes(letter, self.edition)
        apart = r"\s+"
        ends = {code: self.match(f"{code}|{apart.join(code)}(?![a-z0-9])", reading.at) for code in known}
        if not any(ends.values()) and reading.alike:
            old = letter == "E" and self.match("s", reading.at)
            hint = "write Esi or Ese; an old record with Es is read with edition=2004" if old else None
            about = f"{letter} ({table('ceap')[letter]['name']}) goes on with one of {', '.join(known)}"
            self.miss(reading.at, about, hint)
        alone = table("ceap")[letter]["alone"]
        for code, end in ends.items():
            clash = None
            for other in reading.codes.get(letter, {}):
                if code.startswith(other) or other.startswith(code):
                    clash = f"{letter}{other} and {letter}{code} say the same twice", "keep one of the two"
                elif code in alone or other in alone:
                    lone, rest = (code, other) if code in alone else (other, code)
                    clash = f"{letter}{lone} stands alone, so {letter}{rest} does not go with it", None
            if end is not None and clash:
                self.miss(reading.at, *clash)
            elif end is not None:
                usual = reading.usual and self.text[reading.at : end] == code
                yield code, replace(reading, at=end, codes=reading.with_code(letter, code), usual=usual)

    # ---------------------------------------------------------------- segments

    def segments(self, letter: str, code: str, reading: _Reading) -> Iterator[_Reading]:
        """Segments behind a code of A or P: names or numbers between brackets, or bare numbers."""
        bracket = self.match(r"\s*\(\s*", reading.at)
        if letter == "A" and bracket is not None and self.match(r"\d", bracket) is None:
            yield from self.names(code, replace(reading, at=bracket))
        elif letter in ("A", "P"):
            for on in self.numbers(letter, code, (), replace(reading, at=reading.at if bracket is None else bracket)):
                end = on.at if bracket is None else self.match(r"\s*\)", on.at)
                if end is not None:
                    yield replace(on, at=end)

    def names(self, system: str, reading: _Reading) -> Iterator[_Reading]:
        """Names up to the closing bracket."""
        known = table("ceap")["A"]["segments"]
        mine = {name.lower(): name for name in known.get(system, {})}
        end = self.match(r"[a-z]+", reading.at) or reading.at
        word = self.text[reading.at : end]
        name = mine.get(word.lower())
        if name is None:
            owner = next((other for other, names in known.items() if word.lower() in map(str.lower, names)), None)
            near = nearest(word, mine.values())
            hint = f"did you mean {near!r}?" if near else None
            allowed = f"A{system} has the segments {', '.join(mine.values())}" if mine else f"A{system} has no segments"
            self.miss(reading.at, allowed, f"{word} belongs to A{owner}" if owner else hint)
            return
        if name in reading.codes["A"][system]:
            self.miss(reading.at, f"{name} is named twice", "keep one of the two")
            return
        usual = reading.usual and word == name
        on = replace(reading, at=end, codes=reading.with_code("A", system, (name,)), usual=usual)
        comma, bracket = (self.match(mark, end) for mark in (r"\s*,\s*", r"\s*\)"))
        if comma is not None:
            yield from self.names(system, replace(on, at=comma))
        elif bracket is not None:
            yield replace(on, at=bracket)
        else:
            self.miss(end, "segments stand between brackets with commas, as in As(GSVa,GSVb)")

    def numbers(self, letter: str, code: str, before: tuple[int, ...], reading: _Reading) -> Iterator[_Reading]:
        """Numbers of segments as before 2020, with commas between them."""
        end = self.match(r"\d{1,2}(?![\d./-])", reading.at)
        if end is None:
            return
        number = int(self.text[reading.at : end])
        known = table("ceap")["A"]
        names = known["numbers"].get(str(number))
        if names is None:
            self.miss(reading.at, f"segments have the numbers 1 to {len(known['numbers'])}")
            return
        owner = next(system for system, segments in known["segments"].items() if names[0] in segments)
        stated = reading.codes.get("A", {})
        if number in before:
            self.miss(reading.at, f"segment {number} is named twice", "keep one of the two")
            return
        if owner != code if letter == "A" else stated and owner not in stated:
            hint = f"write A{','.join([*stated, owner])}" if letter == "P" and "n" not in stated else None
            self.miss(reading.at, f"segment {number} ({names[0]}) belongs to A{owner}", hint)
            return
        numbers = (*before, number)
        numbered = (*(one for one in reading.numbered if one[0] != letter + code), (letter + code, numbers))
        on = replace(reading, at=end, numbered=numbered)
        yield on
        comma = self.match(r"\s*,\s*", end)
        if comma is not None:
            yield from self.numbers(letter, code, numbers, replace(on, at=comma))

    # ---------------------------------------------------------------- level and date

    def tail(self, reading: _Reading, opened: bool = False) -> Iterator[_Reading]:
        """What stands behind the codes, up to the end."""
        if opened and (end := self.match(r"\s*\)", reading.at)) is not None:
            yield from self.tail(replace(reading, at=end))
            return
        at = self.gap(reading.at)
        if not opened and (end := self.match(r"\(\s*", at)) is not None:
            yield from self.tail(replace(reading, at=end), opened=True)
            return
        if not opened and self.match(r"\.?\s*$", at) is not None:
            yield reading
            return
        here = replace(reading, at=at)
        known = [on for read in (self.level, self.day) for on in read(here)]
        for on in known:
            yield from self.tail(on, opened)
        if not known:
            given = self.text[at : at + 1]
            hint = f"{given} is given twice or out of its place" if given and given in "CEAP" else None
            message = "a classification has C, E, A, P, level and date, each once and in this order"
            self.miss(at, message, hint or "write it as in C2s Ep As(GSVa) Pr LII")

    def level(self, reading: _Reading) -> Iterator[_Reading]:
        """The level of investigation, if it stands here."""
        found = re.compile(r"L(?:evel)?\s*(\w*)", re.ASCII | re.IGNORECASE).match(self.text, reading.at)
        if found is None:
            return
        levels = table("ceap")["levels"]
        level = "L" + {"1": "I", "2": "II", "3": "III"}.get(found[1], found[1].upper())
        if level not in levels:
            self.miss(reading.at, f"a level of investigation is one of {', '.join(levels)}")
        elif reading.level:
            self.miss(reading.at, "the level of investigation is given twice", "keep one of the two")
        else:
            yield replace(reading, at=found.end(), level=level)

    def day(self, reading: _Reading) -> Iterator[_Reading]:
        """The date, if it stands here; 2/3/2026 is the second of March or the third of February."""
        found = _DATE.match(self.text, reading.at)
        if found is None or self.match(r"[\w-]", found.end()) is not None:
            if self.match(r"\d", reading.at) is not None:
                self.miss(reading.at, "a date is written as in 2026-03-02")
            return
        if reading.date:
            self.miss(reading.at, "the date is given twice", "keep one of the two")
            return
        days = []
        for year, month, day in _written(found):
            try:
                days.append(datetime.date(year, month, day))
            except ValueError:
                continue
        if not days:
            self.miss(reading.at, f"{found[0]} is not in the calendar")
        for date in days:
            yield replace(reading, at=found.end(), date=date)

    # ---------------------------------------------------------------- characters

    def close(self, letter: str, last: str, reading: _Reading) -> Iterator[_Reading]:
        """The reading, where what follows a letter's codes is not part of them."""
        at = reading.at
        bracket = self.match(r"\s*\(", at)
        if self.match(r"[\s,;/.EAPL]|\(|$", at) is not None and (
            bracket is None or self.match(r"\s*(?:L|\d|" + "|".join(name[:3] for name in _MONTHS) + ")", bracket)
        ):
            yield reading
            return
        follows = self.text[at]
        hint = None
        if follows == "r":
            hint = "only varicose veins (2r) and open ulcers (6r) are marked as come back"
        elif bracket is not None:
            hint = "segments go with A, as in As(GSVa)"
        like = [code for code in _codes(letter, self.edition) if code[0] == last[0]]
        self.miss(at, f"{letter}{last} ends here; allowed are {', '.join(letter + code for code in like)}", hint)

    def gap(self, at: int) -> int:
        """Behind blanks, with or without a comma."""
        return self.match(r"\s*[,;/]?\s*", at) or at

    def match(self, pattern: str, at: int) -> int | None:
        """Where a pattern ends that stands here."""
        found = re.compile(pattern, re.ASCII | re.IGNORECASE).match(self.text, at)
        return found.end() if found else None

    def miss(self, at: int, message: str, hint: str | None = None) -> None:
        """Notes that reading cannot go on here."""
        if at > self.farthest[0]:
            self.farthest = at, message, hint


def _written(found: re.Match[str]) -> list[tuple[int, int, int]]:
    """Year, month and day that a date may mean."""
    part = {name: value for name, value in found.groupdict().items() if value is not None}
    if "year" in part:
        return [(int(part["year"]), int(part["month"]), int(part["day"]))]
    if "year2" in part:
        one, two, year = int(part["one"]), int(part["two"]), int(part["year2"])
        return [(year, two, one)] if part["mark"] == "." else [(year, two, one), (year, one, two)]
    name, day, year = (part.get(f"{key}3") or part[f"{key}4"] for key in ("name", "day", "year"))
    months = [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.lower())]
    return [(int(year), month, int(day)) for month in months]
