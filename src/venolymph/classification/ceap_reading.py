"""Every way to read a text as a CEAP classification, and the one that is meant."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from venolymph.classification.ceap_codes import PARTS, Edition, codes_of, usual_form
from venolymph.classification.tables import table
from venolymph.classification.written_dates import DATE, MONTHS, days_meant
from venolymph.errors import DocumentError, nearest
from venolymph.units import show

LONGEST = 300
"""Characters that a classification may have; one that names every code has fewer."""

Codes = dict[str, dict[str, tuple[str, ...]]]
Numbers = tuple[tuple[str, tuple[int, ...]], ...]
_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₐₑₒₚᵣₛₙᵢ", "0123456789aeoprsni")


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


class Reader:
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
            ways = [usual_form(one.fields()) for one in found]
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
        if found is None or (found[0] == "a" and f"{last}a" in codes_of("C", self.edition)):
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
        known = codes_of(letter, self.edition)
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
        found = DATE.match(self.text, reading.at)
        if found is None or self.match(r"[\w-]", found.end()) is not None:
            if self.match(r"\d", reading.at) is not None:
                self.miss(reading.at, "a date is written as in 2026-03-02")
            return
        if reading.date:
            self.miss(reading.at, "the date is given twice", "keep one of the two")
            return
        days = days_meant(found)
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
            bracket is None or self.match(r"\s*(?:L|\d|" + "|".join(name[:3] for name in MONTHS) + ")", bracket)
        ):
            yield reading
            return
        follows = self.text[at]
        hint = None
        if follows == "r":
            hint = "only varicose veins (2r) and open ulcers (6r) are marked as come back"
        elif bracket is not None:
            hint = "segments go with A, as in As(GSVa)"
        like = [code for code in codes_of(letter, self.edition) if code[0] == last[0]]
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
