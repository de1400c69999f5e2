"""A person as a document: stature, and what is unusual about the legs and the face.

A healthy leg has no entries. An unusual one has `reflux` (valves that leak) and `veins` (segments that are wider,
narrower, softer, stiffer, or added). Places bear the names of `venolymph.body.places`. Later entries come on top of
earlier ones, so "great saphenous" can be followed by "great saphenous, thigh".
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from venolymph import documents
from venolymph.body.measured import PersonReading, reading_of
from venolymph.body.person_face import Face
from venolymph.body.person_leg import Leg
from venolymph.body.region import LegName
from venolymph.documents import Entry
from venolymph.units import AGE, LENGTH, MASS, PREGNANCY, Quantity, refusal, show

Side = Literal["left", "right"]
Sex = Literal["female", "male"]

OLDEST_PREGNANT = 60
"""Greatest age at which a document may state a pregnancy, years."""


class Subject(Entry):
    """Who it is: never by name.

    Attributes:
        label: a label, never somebody's name.
        sex: female or male.
        age: years inside.
        height: stature, cm inside.
        mass: kg inside; where a pregnancy is stated, before it.
        pregnancy: weeks inside; None where none is stated.
    """

    label: Annotated[str, Field(min_length=1, max_length=60)]
    sex: Sex
    age: Annotated[Quantity, AGE.between("16 y", "110 y", example="52 y")]
    height: Annotated[Quantity, LENGTH.between("130 cm", "220 cm", example="168 cm")]
    mass: Annotated[Quantity, MASS.between("30 kg", "250 kg", example="71 kg")]
    pregnancy: Annotated[Quantity, PREGNANCY.between("1 week", "42 weeks")] | None = None

    @classmethod
    def shape(cls) -> str:
        return "write it as in {label: example, sex: female, age: 52 y, height: 168 cm, mass: 71 kg}"

    @field_validator("label")
    @classmethod
    def _plain(cls, label: str) -> str:
        if not label.isprintable() or label != label.strip():
            raise refusal(f"{show(label)} is not a label", hint="write a word or two on one line")
        return label

    @model_validator(mode="after")
    def _can_be_pregnant(self) -> Subject:
        if self.pregnancy is None:
            return self
        if self.sex != "female":
            raise refusal(
                f"a pregnancy of {self.pregnancy} contradicts sex {self.sex}",
                hint="correct `sex`, or leave `pregnancy` out",
                key="pregnancy",
            )
        if self.age > OLDEST_PREGNANT:
            raise refusal(
                f"a pregnancy of {self.pregnancy} at an age of {self.age}; allowed is up to {OLDEST_PREGNANT} y",
                hint="check the age, or leave `pregnancy` out",
                key="pregnancy",
            )
        return self

    @model_validator(mode="after")
    def _proportion(self) -> Subject:
        index = self.mass / (self.height / 100.0) ** 2
        if not 12.0 <= index <= 70.0:
            raise refusal(
                f"{self.mass} at {self.height} is a body mass index of {index:.0f} kg/m2; allowed is 12 to 70",
                hint="check the units of height and mass",
                key="mass",
            )
        return self


class Legs(Entry):
    """Both legs.

    Attributes:
        left: the left leg.
        right: the right leg.
        asked: the index leg, simulated in full; where not stated, the one that is not healthy, else the left.
    """

    left: Leg = Leg()
    right: Leg = Leg()
    asked: Side | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_side(cls, data: Any) -> Any:
        if isinstance(data, list | tuple):
            raise refusal(
                f"found {show(data)}; legs are named left and right, each once",
                hint="write `legs: {left: healthy, right: healthy}`",
            )
        return data


class Person(Entry):
    """A person.

    Attributes:
        person: who it is.
        legs: what is unusual about the legs.
        face: what is unusual about the face; None where nothing is stated.
        measured: readings, which calibration fits to; as written, and read in `readings`.
    """

    kind: Literal["person"] = "person"
    version: Literal[1] = 1
    person: Subject
    legs: Legs = Legs()
    face: Face | None = None
    measured: tuple[dict[str, Any], ...] = ()

    @classmethod
    def shape(cls) -> str:
        return "look at a packaged person with `venolymph people`"

    @model_validator(mode="after")
    def _ill_since_birth_at_most(self) -> Person:
        for side, leg in (("left", self.legs.left), ("right", self.legs.right)):
            if leg.disease_since is not None and leg.disease_since > self.person.age:
                raise refusal(
                    f"ill for {leg.disease_since} at an age of {self.person.age}; allowed is up to {self.person.age}",
                    hint="write for how many years the leg has been ill, not since which year",
                    key=("legs", side, "disease_since"),
                )
        return self

    @field_validator("measured", mode="before")
    @classmethod
    def _readings(cls, entries: Any) -> Any:
        if not isinstance(entries, list | tuple):
            return entries
        for number, entry in enumerate(entries):
            reading_of(entry, number)
        return entries

    @property
    def label(self) -> str:
        """The label."""
        return self.person.label

    @property
    def sex(self) -> Sex:
        """Female or male."""
        return self.person.sex

    @property
    def age(self) -> float:
        """Years."""
        return self.person.age

    @property
    def height(self) -> float:
        """Stature, cm."""
        return self.person.height

    @property
    def weeks_pregnant(self) -> float:
        """Weeks of pregnancy; 0 where none is stated."""
        return float(self.person.pregnancy or 0.0)

    @property
    def mass(self) -> float:
        """Mass, kg."""
        return self.person.mass

    @property
    def body_mass_index(self) -> float:
        """Mass over stature squared, kg/m2."""
        return self.person.mass / (self.person.height / 100.0) ** 2

    @property
    def index_side(self) -> Side:
        """Side of the index leg."""
        if self.legs.asked is not None:
            return self.legs.asked
        return "right" if self.legs.left.healthy and not self.legs.right.healthy else "left"

    def side_of(self, leg: LegName) -> Side:
        """Side of the index leg, of the other one, or of a half of the head."""
        opposite: Side = "right" if self.index_side == "left" else "left"
        sides: dict[str, Side] = {"other": opposite, "left head": "left", "right head": "right"}
        return sides.get(leg, self.index_side)

    @property
    def leg(self) -> Leg:
        """The index leg, which is simulated in full."""
        return self.legs.left if self.index_side == "left" else self.legs.right

    @property
    def other_leg(self) -> Leg:
        """The other leg."""
        return self.legs.right if self.index_side == "left" else self.legs.left

    def with_index_side(self, side: Side) -> Person:
        """The same person with that leg as the index leg."""
        return self.model_copy(update={"legs": self.legs.model_copy(update={"asked": side})})

    @property
    def readings(self) -> tuple[PersonReading, ...]:
        """What was measured."""
        return tuple(reading_of(entry, number) for number, entry in enumerate(self.measured))

    @property
    def notices(self) -> list[str]:
        """What the document says that a simulation does not use."""
        if not self.measured:
            return []
        number = len(self.measured)
        return [f"measured: {number} reading{'s' * (number > 1)}, which `venolymph calibrate` fits to, not used here"]

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())


@cache
def packaged_people() -> dict[str, Path]:
    """Files of the packaged people by name."""
    return documents.packaged_files(Path(__file__).parent / "people", _rank)


_FACES = (
    "rested",
    "puffy-morning",
    "dark-circles-vascular",
    "dark-circles-pigment",
    "dark-circles-shadow",
    "neck-dissection",
)
"""Packaged people whose face is looked at; their legs are healthy."""


def _rank(name: str) -> tuple[int, str]:
    first = ("healthy", "mild-varicose", "severe-varicose", "small-saphenous", "deep-reflux", "post-thrombotic")
    order = (*first, "lymphoedema", "heavy", "tall", *_FACES)
    return (order.index(name) if name in order else len(order), name)


def load_person(person: object) -> Person:
    """A person by packaged name, path, mapping or object.

    Raises:
        DocumentError: where there is no such person or the document cannot be used.
    """
    return documents.load(Person, "person", person, packaged_people())


def person_schema() -> dict[str, Any]:
    """The JSON schema of a person's document."""
    return Person.model_json_schema(by_alias=True)
