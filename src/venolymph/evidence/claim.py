"""A claim as data: what people say, what would have to be true, what was studied, what the model can say about it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, model_validator

from venolymph.documents import Entry, Source, check
from venolymph.errors import DocumentError, nearest
from venolymph.evidence.comparing import Comparison
from venolymph.evidence.lives import LifeExperiment
from venolymph.evidence.sums import Sum
from venolymph.units import refusal

Certainty = Literal["high", "moderate", "low", "very low"]
"""The words of GRADE for how sure one may be."""
Ruling = Literal[
    "supported", "supported but short-lived", "plausible", "not shown", "contradicted", "no mechanism known"
]
Side = Literal["for", "against"]
SIDES: tuple[Side, ...] = ("for", "against")

BUILT = frozenset({"veins", "tissue", "lymph", "massage", "face", "skin colour"})
"""Parts of the model that an experiment may need; walls that change have lives."""


class ClaimReference(Entry):
    """Where something was published.

    Attributes:
        text: enough to find it.
        checked: `read`, `secondary` (read in another work) or `recalled` (from memory).
    """

    text: str
    checked: Literal["read", "secondary", "recalled"]

    def __str__(self) -> str:
        words = {"read": "", "secondary": " (read in another work)", "recalled": " (recalled, not checked)"}
        return self.text + words[self.checked]


class Study(Entry):
    """A study; the first of each side in a claim is the strongest.

    Attributes:
        side: whether it speaks for the claim or against it.
        reference: key in `references.toml`.
        design: what was done.
        people: how many were studied, where that is known.
        unit: what was counted, where not people.
        found: the result, with its size.
        certainty: how sure one may be of it.
    """

    side: Side
    reference: str
    design: str
    people: int | None = Field(default=None, gt=0)
    unit: str = "people"
    found: str
    certainty: Certainty

    @property
    def size(self) -> str:
        """How many, in words."""
        return "" if self.people is None else f"{self.people} {self.unit}"


class ClaimVerdict(Entry):
    """What is known about one part of a claim.

    Attributes:
        about: the part.
        verdict: one of six rulings.
        certainty: how sure one may be of the ruling.
        because: why, in a sentence or two.
    """

    about: str
    verdict: Ruling
    certainty: Certainty
    because: str


class Treatment(Entry):
    """What the model does about a claim.

    Attributes:
        treats: `emergent` (it comes out by itself), `testable here` (an experiment is laid down), or `not modelled`.
        how: how, or why not.
    """

    treats: Literal["emergent", "testable here", "not modelled"]
    how: str


class Arm(Entry):
    """A person in a regimen.

    Attributes:
        name: what it is called in the comparisons.
        person: name of one of the experiment's people, or of a packaged one.
        regimen: name of one of the experiment's regimens, or of a packaged one.
    """

    name: str
    person: str
    regimen: str


class Experiment(Entry):
    """What is simulated to test a claim.

    Attributes:
        needs: parts of the model.
        plan: what is done, in a sentence.
        people: documents of people by name, without `kind` and `version`.
        regimens: documents of regimens by name, without `kind`, `version` and `purpose`.
        before: a regimen that is done once, and from whose end all arms go on; empty where each begins from rest.
        members: bodies alike but for chance in an arm, where not as many as elsewhere.
        figures: numbers of tissue and lymph in place of the packaged ones by key, in the unit of the figure.
        sweep: arms that are also run with each hidden factor of a face at either end of its range, without `before`.
        arms: people in regimens.
        comparisons: what is compared.
    """

    needs: tuple[str, ...] = Field(min_length=1)
    plan: str = ""
    people: dict[str, dict[str, Any]] = Field(default_factory=dict)
    regimens: dict[str, dict[str, Any]] = Field(default_factory=dict)
    before: str = ""
    members: int | None = Field(default=None, gt=0)
    figures: dict[str, float] = Field(default_factory=dict)
    sweep: tuple[str, ...] = ()
    arms: tuple[Arm, ...] = Field(min_length=2)
    comparisons: tuple[Comparison, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _joined(self) -> Experiment:
        names = [arm.name for arm in self.arms]
        for part in self.needs:
            if part not in BUILT:
                raise refusal(
                    f"there is no part {part!r} of the model; there are {', '.join(sorted(BUILT))}", key="needs"
                )
        if len(set(names)) < len(names):
            raise refusal("two arms have one name", key="arms")
        for name in self.sweep:
            if name not in names:
                raise refusal(f"there is no arm {name!r}", hint=", ".join(names), key="sweep")
        for number, comparison in enumerate(self.comparisons):
            for name in (comparison.arm, comparison.against):
                if name not in names:
                    raise refusal(f"there is no arm {name!r}", hint=", ".join(names), key=("comparisons", number))
        return self

    @property
    def swept(self) -> tuple[Comparison, ...]:
        """Comparisons between arms that are swept."""
        return tuple(one for one in self.comparisons if {one.arm, one.against} <= set(self.sweep))


class Claim(Entry):
    """One claim.

    Attributes:
        order: place in the list.
        statement: as people say it.
        must_be_true: what would have to be true.
        verdicts: what is known, part by part.
        studies: studies, the strongest of each side first.
        nothing: what is said of a side that has no study.
        model: what the model does about it.
        experiment: how the model tests it by simulation, or None.
        life: how it tests it over years, by walls that change, or None.
        sums: how it tests it without.
    """

    order: int
    statement: str
    must_be_true: tuple[str, ...] = Field(min_length=1)
    verdicts: tuple[ClaimVerdict, ...] = Field(min_length=1)
    studies: tuple[Study, ...] = ()
    nothing: dict[Side, str] = Field(default_factory=dict)
    model: Treatment
    experiment: Experiment | None = None
    life: LifeExperiment | None = None
    sums: tuple[Sum, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Claim:
        for number, study in enumerate(self.studies):
            if study.reference not in references():
                near = nearest(study.reference, references())
                raise refusal(
                    f"there is no reference {study.reference!r}",
                    hint=f"did you mean {near!r}?" if near else "add it to references.toml",
                    key=("studies", number, "reference"),
                )
        for side in SIDES:
            if (self.strongest(side) is None) != (side in self.nothing):
                raise refusal(f"name a study {side} it, or say under `nothing` that there is none", key="nothing")
        if self.tested == (self.model.treats == "not modelled"):
            raise refusal("a claim has an experiment, lives or sums, or is not modelled", key="experiment")
        return self

    @property
    def tested(self) -> bool:
        """Whether the model has anything to say about it."""
        return self.experiment is not None or self.life is not None or bool(self.sums)

    def strongest(self, side: Side) -> Study | None:
        """The strongest study on a side."""
        return next((study for study in self.studies if study.side == side), None)

    @property
    def rulings(self) -> tuple[str, ...]:
        """Its rulings, part by part."""
        return tuple(verdict.verdict for verdict in self.verdicts)


@cache
def references() -> Mapping[str, ClaimReference]:
    """What the claims cite, by key."""
    text = _home().joinpath("references.toml").read_text("utf-8")
    found = {key: check(ClaimReference, entry) for key, entry in tomllib.loads(text).items()}
    return MappingProxyType(found)


@cache
def claims() -> Mapping[str, Claim]:
    """All claims by id, in their order.

    Raises:
        DocumentError: where a packaged claim breaks the rules (a test holds them to it).
    """
    files = [file for file in _home().joinpath("claims").iterdir() if file.name.endswith(".toml")]
    found = {file.name.removesuffix(".toml"): read_claim(file.read_text("utf-8"), file.name) for file in files}
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: item[1].order)))


def claim(name: str) -> Claim:
    """A claim by id.

    Raises:
        DocumentError: where there is none; the hint names the nearest.
    """
    if name in claims():
        return claims()[name]
    near = nearest(name, claims())
    raise DocumentError(
        f"there is no claim {name!r}",
        hint=f"did you mean {near!r}?" if near else "`venolymph evidence` lists them",
    )


def read_claim(text: str, name: str = "claim.toml") -> Claim:
    """A claim from TOML.

    Raises:
        DocumentError: where the text is not TOML or breaks the rules.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"is not TOML: {error}", place=name) from None
    return check(Claim, data, Source(name))


def _home() -> Any:
    return resources.files("venolymph.evidence")
