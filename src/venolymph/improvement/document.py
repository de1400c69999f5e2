"""An improvement as a document: a regimen of which parts may vary, what is to get better by it, and in whom.

kind: improvement
version: 1
improvement: a stocking while standing
population: healthy-adults
n: 6
confirm: 12
regimen:
  - wear: {garment: stocking, class: {vary: class}, up_to: {vary: length}, steps: [stand: {for: {vary: time}}]}
vary:
  class: {choices: [RAL I, RAL II], plain: RAL I}
  length: {choices: [knee, thigh], plain: knee}
  time: {from: 10 min, to: 30 min, plain: 20 min}
outcome: {measure: tape volume}
better: lower
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from venolymph import documents
from venolymph.documents import Entry
from venolymph.errors import DocumentError, nearest
from venolymph.regimen import Regimen, load_regimen
from venolymph.trial.document import OutcomeEntry
from venolymph.units import refusal, show
from venolymph.units.quantities import WRITTEN_NUMBER

Value = str | int | float | bool | None
Values = Mapping[str, Value]
"""What each varied part is, by its name."""

MARK = "vary"
"""Key of the mapping that stands in a regimen where a part varies."""
DIGITS = 3
"""Digits of a number that varies between two ends: more would be finer than any hand or chair."""


class VariedEntry(Entry):
    """What a part of the regimen may be.

    Attributes:
        choices: one of these; or
        from_: from this (`from`),
        to: to that, with the same unit; whole numbers without a unit stay whole.
        plain: what it is in the plain regimen, with which all others are compared.
    """

    choices: tuple[Value, ...] | None = None
    from_: Value = Field(default=None, alias="from")
    to: Value = None
    plain: Value

    @classmethod
    def shape(cls) -> str:
        """How it is written."""
        return "write it as in {from: 15 mmHg, to: 35 mmHg, plain: 30 mmHg} or {choices: [knee, thigh], plain: knee}"

    @model_validator(mode="after")
    def _can_vary(self) -> VariedEntry:
        self.need_one({"`choices`": self.choices is not None, "`from` and `to`": self.from_ is not None})
        if self.choices is not None:
            if len(self.choices) < 2 or len({repr(one) for one in self.choices}) < len(self.choices):
                found = ", ".join(map(str, self.choices))
                raise refusal(
                    f"found {found}; at least two choices are needed, each of them once",
                    hint="what cannot vary is written into the regimen",
                    key="choices",
                )
            if self.plain not in self.choices:
                allowed = ", ".join(map(str, self.choices))
                raise refusal(
                    f"{show(self.plain)} is none of the choices; allowed are {allowed}",
                    hint="the plain regimen is one of those that are looked at",
                    key="plain",
                )
            return self
        low, high = self.ends
        plain = self._number("plain")
        if not low < high:
            raise refusal(
                f"from {self.from_} to {self.to} there is nothing in between",
                hint="write the smaller one as `from`, the larger one as `to`",
                key="to",
            )
        if not low <= plain <= high:
            raise refusal(
                f"{self.plain} lies outside; allowed is {self.from_} to {self.to}",
                hint="the plain regimen is one of those that are looked at",
                key="plain",
            )
        return self

    def _number(self, key: Literal["from_", "to", "plain"]) -> float:
        """The number of one of them, whose unit has to be that of the others."""
        name, all_ = key.rstrip("_"), {"from_": self.from_, "to": self.to, "plain": self.plain}
        given, first = str(all_[key]), str(self.from_)
        match, whole = WRITTEN_NUMBER.fullmatch(given), WRITTEN_NUMBER.fullmatch(first)
        if all_[key] is None:
            raise refusal(f"{name!r} is missing", hint=self.shape(), key=name)
        if match is None or whole is None:
            raise refusal(f"found {show(given)}, where a number with its unit is needed", hint=self.shape(), key=name)
        if match[2] != whole[2]:
            raise refusal(
                f"found {given}, where a number in {whole[2] or 'plain numbers'} is needed as in `from`",
                hint="write all three with one unit",
                key=name,
            )
        return float(match[1])

    @property
    def ends(self) -> tuple[float, float]:
        """The numbers between which it varies, in its own unit."""
        return self._number("from_"), self._number("to")

    @property
    def is_whole(self) -> bool:
        """Whether a number stays whole."""
        return all(isinstance(one, int) and not isinstance(one, bool) for one in (self.from_, self.to))

    def value_at(self, place: float) -> Value:
        """What it is at a place: the number of a choice, or a number between both ends in its own unit."""
        if self.choices is not None:
            return self.choices[round(place)]
        if self.is_whole:
            return round(place)
        text = f"{place:.{DIGITS}g}"
        unit = WRITTEN_NUMBER.fullmatch(str(self.from_))
        assert unit is not None
        return f"{float(text):g} {unit[2]}" if unit[2] else float(text)

    @property
    def plain_place(self) -> float:
        """Place of the plain regimen."""
        return float(self.choices.index(self.plain)) if self.choices is not None else self._number("plain")

    @property
    def tried_first(self) -> tuple[Value, ...]:
        """Values with which a document is seen to be possible: all choices, or both ends."""
        return self.choices if self.choices is not None else (self.from_, self.to)


class ImprovementDocument(Entry):
    """An improvement.

    Attributes:
        improvement: its name.
        population: in whom it is looked for: a packaged population, a path or a mapping.
        n: people in whom regimens are tried.
        confirm: other people, in whom the best one is compared with the plain one.
        seed: of people and search.
        evaluations: regimens that are tried at most.
        regimen: what is done, as a mapping or a list of steps, with `{vary: NAME}` where a part varies.
        vary: what each of these may be, by name.
        outcome: what is read after it, and how well an instrument reads it.
        better: which way is better.
        alpha: share of intervals that may miss by chance.
        reason: recorded reason for simulating people whom the gate would refuse; they are left out where there is none.
    """

    kind: Literal["improvement"] = "improvement"
    version: Literal[1] = 1
    improvement: Annotated[str, Field(min_length=1, max_length=120)] = "an improvement"
    population: str | dict[str, Any]
    n: Annotated[int, Field(ge=2, le=10_000, strict=True)]
    confirm: Annotated[int, Field(ge=3, le=10_000, strict=True)]
    seed: Annotated[int, Field(ge=0, strict=True)] = 0
    evaluations: Annotated[int, Field(ge=2, le=10_000, strict=True)] = 40
    regimen: dict[str, Any] | list[Any]
    vary: Annotated[dict[str, VariedEntry], Field(min_length=1, max_length=12)]
    outcome: OutcomeEntry
    better: Literal["lower", "higher"]
    alpha: Annotated[float, Field(gt=0.0, lt=0.5)] = 0.05
    reason: str | None = None

    @classmethod
    def shape(cls) -> str:
        """How an improvement is written."""
        return "look at a packaged one, such as stocking-while-standing"

    @model_validator(mode="after")
    def _can_be_done(self) -> ImprovementDocument:
        marked = list(_marked(self.regimen))
        for name, place in marked:
            if name not in self.vary:
                near = nearest(name, self.vary)
                raise refusal(
                    f"nothing is said of {name!r}; `vary` has {', '.join(self.vary)}",
                    hint=f"did you mean {near!r}?" if near else "add it to `vary`",
                    key=("regimen", *place),
                )
        for name in self.vary:
            if name not in {one for one, _ in marked}:
                raise refusal(
                    f"{name!r} stands nowhere in the regimen",
                    hint=f"write {{vary: {name}}} in it where that is",
                    key=("vary", name),
                )
        self._possible({}, ("regimen",))
        for name, entry in self.vary.items():
            for value in entry.tried_first:
                self._possible({name: value}, ("vary", name))
        return self

    def _possible(self, changed: Values, place: tuple[str, ...]) -> None:
        """Refuse a regimen that cannot be read."""
        try:
            self.regimen_with({**self.plain, **changed})
        except DocumentError as error:
            given = "".join(f"with {value} for {name!r}: " for name, value in changed.items())
            where = f" ({error.place})" if error.place else ""
            raise refusal(f"{given}{error.message}{where}", hint=error.hint, key=place) from None

    @property
    def plain(self) -> dict[str, Value]:
        """The parts of the plain regimen."""
        return {name: entry.plain for name, entry in self.vary.items()}

    def regimen_with(self, values: Values) -> Regimen:
        """The regimen with these parts.

        Args:
            values: of all parts, by name.

        Raises:
            DocumentError: where there can be no such regimen.
        """
        return load_regimen(_filled(self.regimen, values))

    def changed(
        self, *, n: int | None = None, confirm: int | None = None, evaluations: int | None = None,
        seed: int | None = None, reason: str | None = None,
    ) -> ImprovementDocument:  # fmt: skip
        """The same with other numbers, or another reason; what is None stays.

        Raises:
            DocumentError: where one of them is not allowed.
        """
        given = {"n": n, "confirm": confirm, "evaluations": evaluations, "seed": seed, "reason": reason}
        changes = {key: value for key, value in given.items() if value is not None}
        return documents.check(ImprovementDocument, {**self.document(), **changes})

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())


def _marked(part: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Names of what varies in a regimen, each with where it stands."""
    if isinstance(part, Mapping):
        if set(part) == {MARK}:
            yield str(part[MARK]), place
            return
        for key, inner in part.items():
            yield from _marked(inner, (*place, key))
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _marked(inner, (*place, number))


def _filled(part: Any, values: Values) -> Any:
    """A regimen with values where parts vary."""
    if isinstance(part, Mapping):
        if set(part) == {MARK}:
            return values[str(part[MARK])]
        return {key: _filled(inner, values) for key, inner in part.items()}
    return [_filled(inner, values) for inner in part] if isinstance(part, list) else part


@cache
def packaged_improvements() -> dict[str, Path]:
    """Files of the packaged improvements by name."""
    return documents.packaged_files(Path(__file__).parent / "packaged")


def load_improvement(improvement: object) -> ImprovementDocument:
    """An improvement by packaged name, path, mapping or object.

    Raises:
        DocumentError: where there is no such improvement or the document cannot be used.
    """
    return documents.load(ImprovementDocument, "improvement", improvement, packaged_improvements())
