"""A trial as a document: who takes part, what the arms do, what is read with which error, how it is analysed.

kind: trial
version: 1
trial: a stocking on a long flight
population: long-haul-passengers
n: 24
control: no stocking
arms:
  - {arm: stocking, regimen: flight-in-a-stocking.yaml}
  - {arm: no stocking, regimen: long-flight}
baseline: rest
outcomes:
  - measure: tape volume
"""

from __future__ import annotations

from collections import Counter
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from venolymph import documents
from venolymph.documents import Entry
from venolymph.errors import DocumentError, MeasureError, nearest
from venolymph.measures import find
from venolymph.regimen import Regimen, load_regimen
from venolymph.trial.instrument import Instrument, instrument_of
from venolymph.units import SHARE, Quantity, refusal

Name = Annotated[str, Field(min_length=1, max_length=60)]
Design = Literal["parallel", "crossover"]
Analysis = Literal["ANCOVA", "mixed model"]

BASELINE = "baseline"
"""Name of the readings before allocation, which no arm has."""
_ANALYSIS: dict[Design, Analysis] = {"parallel": "ANCOVA", "crossover": "mixed model"}


def _known_regimen(given: Any) -> Any:
    """See that a regimen, by name, path or mapping, can be read."""
    try:
        load_regimen(given)
    except DocumentError as error:
        where = f" ({error.place})" if error.place else ""
        raise refusal(f"{error.message}{where}", hint=error.hint) from None
    return given


class ArmEntry(Entry):
    """What some of the people do.

    Attributes:
        arm: its name.
        regimen: packaged name, path, mapping or list of steps.
        weight: how many are allocated to it for each one of another arm with weight 1; of a parallel trial.
    """

    arm: Name
    regimen: str | dict[str, Any] | list[Any]
    weight: Annotated[int, Field(ge=1, le=20, strict=True)] = 1

    _readable = field_validator("regimen")(_known_regimen)

    @classmethod
    def shape(cls) -> str:
        """How an arm is written."""
        return "write it as in {arm: rest, regimen: rest-as-for-massage}"

    def load(self) -> Regimen:
        """What is done in it."""
        return load_regimen(self.regimen)


class OutcomeEntry(Entry):
    """What is read of each person, and how well an instrument reads it.

    Attributes:
        measure: name of the measure, with its place where it has one.
        error: standard deviation of repeated readings of one person in whom nothing changed, in the measure's unit or
            in % of the reading; where left out, what is known of the measure.
        detectable: smallest change of one person that exceeds that error, likewise; where left out, what is known, or
            else 1.96 times the root of 2 times `error`.
        source: where the two are from.
    """

    measure: str
    error: str | None = None
    detectable: str | None = None
    source: str = ""

    @classmethod
    def shape(cls) -> str:
        """How an outcome is written."""
        return "write it as in {measure: tape volume, error: 0.7 %, source: where that is from}"

    @model_validator(mode="after")
    def _can_be_read(self) -> OutcomeEntry:
        try:
            find(self.measure)
        except MeasureError as error:
            raise refusal(error.message, hint=error.hint, key="measure") from None
        if (self.error or self.detectable) and not self.source:
            raise refusal(
                "an instrument's error needs its source",
                hint="add `source:` and say where it is from, `assumed` where it is a guess",
                key="source",
            )
        _ = self.instrument
        return self

    @cached_property
    def instrument(self) -> Instrument:
        """How well it is read."""
        return instrument_of(self.measure, self.error, self.detectable, self.source)


class TrialDocument(Entry):
    """A trial.

    Attributes:
        trial: its name.
        population: who takes part: a packaged population, a path or a mapping.
        n: how many people are allocated.
        seed: of who is drawn, allocated and lost, and of the instruments' errors.
        design: `parallel`, where each person is in one arm, or `crossover`, where each goes through all of them.
        control: name of the arm that the others are compared with.
        arms: what is done.
        baseline: regimen after which outcomes are read before allocation; of a parallel trial.
        outcomes: what is read at the end of an arm.
        dropout: share of those allocated who are lost before they are read, 1 inside.
        analysis: `ANCOVA` of a parallel trial, `mixed model` of a crossover.
        alpha: share of trials without an effect that may find one.
        reason: recorded reason for simulating people whom the gate would refuse; they are left out where there is none.
    """

    kind: Literal["trial"] = "trial"
    version: Literal[1] = 1
    trial: Annotated[str, Field(min_length=1, max_length=120)] = "a trial"
    population: str | dict[str, Any]
    n: Annotated[int, Field(ge=2, le=100_000, strict=True)]
    seed: Annotated[int, Field(ge=0, strict=True)] = 0
    design: Design = "parallel"
    control: Name
    arms: tuple[ArmEntry, ...]
    baseline: str | dict[str, Any] | list[Any] | None = None
    outcomes: tuple[OutcomeEntry, ...]
    dropout: Annotated[Quantity, SHARE.between("0", "0.9", example="10 %")] = Quantity(0.0, "0")
    analysis: Analysis | None = None
    alpha: Annotated[float, Field(gt=0.0, lt=0.5)] = 0.05
    reason: str | None = None

    @classmethod
    def shape(cls) -> str:
        """How a trial is written."""
        return "look at a packaged trial, such as massage-on-leg-volume"

    @field_validator("baseline")
    @classmethod
    def _baseline_readable(cls, given: Any) -> Any:
        return given if given is None else _known_regimen(given)

    @model_validator(mode="after")
    def _can_be_done(self) -> TrialDocument:
        for key, least in (("arms", 2), ("outcomes", 1)):
            found = len(getattr(self, key))
            if found < least:
                raise refusal(
                    f"found {found} {key if found != 1 else key[:-1]}; allowed is at least {least}",
                    hint="a trial compares an arm with a control" if key == "arms" else "name what is read",
                    key=key,
                )
        for key, names in (("arms", self.names), ("outcomes", [one.measure for one in self.outcomes])):
            twice = next((name for name, count in Counter(names).items() if count > 1), None)
            if twice is not None:
                raise refusal(f"{twice!r} stands there twice", hint="name each once", key=key)
        if BASELINE in self.names:
            raise refusal(
                f"{BASELINE!r} is the name of what is read before allocation", hint="name the arm otherwise", key="arms"
            )
        if self.control not in self.names:
            near = nearest(self.control, self.names)
            raise refusal(
                f"no arm is named {self.control!r}; arms are {', '.join(self.names)}",
                hint=f"did you mean {near!r}?" if near else "name the arm that the others are compared with",
                key="control",
            )
        self._designed()
        parts = {load_regimen(one).body == "face" for one in (*(arm.regimen for arm in self.arms), *self._before)}
        if len(parts) > 1:
            raise refusal(
                "some regimens are done on a face and some on legs",
                hint="let all arms and the baseline be of one part of the body",
                key="arms",
            )
        return self

    def _designed(self) -> None:
        """Refuse what the design has no use for, and too few people."""
        if self.analysis not in (None, _ANALYSIS[self.design]):
            raise refusal(
                f"a {self.design} trial is not analysed by {self.analysis}; allowed is {_ANALYSIS[self.design]}",
                hint="leave it out",
                key="analysis",
            )
        if self.design == "crossover":
            self._one_after_another()
        least = 3 if self.design == "crossover" else 2 * sum(self.weights)
        if self.n < least:
            raise refusal(
                f"{self.n} people are too few to compare these arms; allowed is at least {least}",
                hint=f"write `n: {least}` or more",
                key="n",
            )

    def _one_after_another(self) -> None:
        """Refuse what a crossover has no use for."""
        if self.baseline is not None:
            raise refusal(
                "a crossover has no baseline: each person is compared with itself", hint="leave it out", key="baseline"
            )
        for number, arm in enumerate(self.arms):
            if arm.weight != 1:
                raise refusal(
                    "in a crossover everybody goes through every arm, so none has a weight",
                    hint="leave it out",
                    key=("arms", number, "weight"),
                )

    @property
    def _before(self) -> tuple[Any, ...]:
        return () if self.baseline is None else (self.baseline,)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(arm.arm for arm in self.arms)

    @property
    def control_arm(self) -> int:
        """Number of the arm that the others are compared with."""
        return self.names.index(self.control)

    @property
    def weights(self) -> tuple[int, ...]:
        """Weights of the arms."""
        return tuple(arm.weight for arm in self.arms)

    @property
    def analysed_by(self) -> Analysis:
        """How it is analysed."""
        return _ANALYSIS[self.design]

    def changed(self, *, n: int | None = None, seed: int | None = None, reason: str | None = None) -> TrialDocument:
        """The same trial with other numbers, or another reason; what is None stays.

        Raises:
            DocumentError: where one of them is not allowed.
        """
        given = {"n": n, "seed": seed, "reason": reason}
        changes = {key: value for key, value in given.items() if value is not None}
        return documents.check(TrialDocument, {**self.document(), **changes})

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())


@cache
def packaged_trials() -> dict[str, Path]:
    """Files of the packaged trials by name."""
    return documents.packaged_files(Path(__file__).parent / "trials")


def load_trial(trial: object) -> TrialDocument:
    """A trial by packaged name, path, mapping or object.

    Raises:
        DocumentError: where there is no such trial or the document cannot be used.
    """
    return documents.load(TrialDocument, "trial", trial, packaged_trials())
