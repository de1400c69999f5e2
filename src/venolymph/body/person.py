"""A person as a document: stature, and what is unusual about the legs.

A healthy leg has no entries. An unusual one has `reflux` (valves that leak) and `veins` (segments that are wider,
narrower, softer, stiffer, or added). Places bear the names of `venolymph.body.places`. Later entries come on top of
earlier ones, so "great saphenous" can be followed by "great saphenous, thigh".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, field_validator, model_serializer, model_validator
from pydantic_core import core_schema

from venolymph import documents, figures
from venolymph.body import places
from venolymph.classification import Ceap, parse_ceap
from venolymph.classification.ceap import meaning
from venolymph.documents import Entry
from venolymph.errors import DocumentError, nearest
from venolymph.units import AGE, LENGTH, MASS, SHARE, Kind, Quantity, refusal, show

Side = Literal["left", "right"]
Sex = Literal["female", "male"]
Leak = Literal["none", "mild", "moderate", "severe"]
Skin = Literal["intact", "dry", "eczema", "pigmentation", "hardened", "healed ulcer", "ulcer"]
Symptom = Literal[
    "none",
    "heaviness",
    "aching",
    "pain",
    "tightness",
    "swelling",
    "tiredness",
    "cramps",
    "itching",
    "burning",
    "tingling",
    "throbbing",
    "restless legs",
]


class _Words:
    """Annotation for a number that may also be one of a few words, each with a figure behind it.

    The value is kept as written: a word, or a `Quantity`.
    """

    def __init__(self, kind: Kind, words: Mapping[str, str], noun: str) -> None:
        self.kind, self.words, self.noun = kind, dict(words), noun

    def _read(self, value: object) -> str | Quantity:
        if isinstance(value, str) and value in self.words:
            return value
        if isinstance(value, str) and value[:1].isalpha():
            near = nearest(value, self.words)
            raise refusal(
                f"{value!r} is no {self.noun}; "
                f"allowed are {', '.join(self.words)}, or a number of {self.kind.limits()}",
                hint=f"did you mean {near!r}?" if near else f"write one of {', '.join(self.words)}",
            )
        return self.kind.checked(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: value.written if isinstance(value, Quantity) else value
            ),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "description": f"{self.noun}: a word, or a number of {self.kind.limits()}",
            "anyOf": [{"enum": list(self.words)}, {"type": ["string", "number"]}],
        }


_LEAK = _Words(
    SHARE.between("0", "1", example="0.1"),
    {grade: f"people.leak.{grade}" for grade in ("none", "mild", "moderate", "severe")},
    "leak",
)
_LUMEN = _Words(SHARE.between("0", "1", above=True, example="0.4"), {"closed": "closed"}, "narrowing")
_WALL = _Words(
    SHARE.between("0.1", "10", example="0.7"),
    {"softer": "people.wall.softer", "stiffer": "people.wall.stiffer"},
    "stiffness of a wall (1 is healthy)",
)


def _known(place: str, allowed: Mapping[str, Any] | tuple[str, ...], what: str) -> str:
    if place not in allowed:
        near = nearest(place, allowed)
        raise refusal(
            f"there is no {what} named {place!r} in the leg",
            hint=f"did you mean {near!r}?" if near else f"there are, among others, {_some(allowed)}",
        )
    return place


def _some(names: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join([name for name in names if "," not in name][:8] or list(map(repr, names))[:4])


class Reflux(Entry):
    """Valves that leak.

    Attributes:
        at: a valve, a perforator, or a group of them ("great saphenous, thigh").
        leak: how much of the valve's opening stays open when it is closed: a grade, or a number from 0 to 1.
        meets: share of the standing lumen at which the leaflets meet again, in a vein that is too wide for them
            (primary reflux); not given, they leak alike whatever the width.
    """

    at: str
    leak: Annotated[str | Quantity, _LEAK]
    meets: Annotated[Quantity, SHARE.between("0.2", "1", example="0.75")] | None = None

    @classmethod
    def shape(cls) -> str:
        return "write it as in {at: great saphenous, leak: moderate}"

    @field_validator("at")
    @classmethod
    def _valve(cls, place: str) -> str:
        if place not in places.VALVES and (place in places.SEGMENT_GROUPS or place in places.PERFORATOR_GROUPS):
            raise refusal(
                f"{place!r} has no valve that could leak", hint="name a vein that has valves, such as 'great saphenous'"
            )
        return _known(place, places.VALVES, "valve or group of valves")

    @property
    def valves(self) -> tuple[str, ...]:
        """Names of the single valves meant."""
        return places.VALVES[self.at]

    @property
    def open_share(self) -> float:
        """Share of the annulus that stays open, 1 (0 competent, 1 no valve)."""
        return figures.internal(_LEAK.words[self.leak]) if isinstance(self.leak, str) else float(self.leak)


class Vein(Entry):
    """A vein that is unlike a healthy one, or one that is added.

    Attributes:
        at: a segment, a perforator, or a group of them.
        add: a spare tributary that a healthy leg does not have.
        diameter_standing: diameter of the lumen standing, cm inside.
        tortuosity: length along the vein over the straight distance, 1.
        narrowed: share of the healthy lumen's area that is left, or "closed".
        wall: stiffness of the wall as a multiple of a healthy one's, or "softer", "stiffer".
    """

    at: str | None = None
    add: str | None = None
    diameter_standing: Annotated[Quantity, LENGTH.between("0.3 mm", "30 mm", example="5.9 mm")] | None = None
    tortuosity: Annotated[Quantity, SHARE.between("1", "4", example="1.6")] | None = None
    narrowed: Annotated[str | Quantity, _LUMEN] | None = None
    wall: Annotated[str | Quantity, _WALL] | None = None

    @classmethod
    def shape(cls) -> str:
        return "write it as in {at: 'great saphenous, thigh', diameter_standing: 5.9 mm}"

    @field_validator("at")
    @classmethod
    def _segment(cls, place: str | None) -> str | None:
        if place is None:
            return None
        if place in places.TRIBUTARIES or (place in places.SEGMENT_GROUPS and place not in _ordinary()):
            raise refusal(
                f"{place!r} is no part of a healthy leg: it ends nowhere unless it is added",
                hint="write `add:` in place of `at:`",
            )
        return _known(place, _ordinary(), "vein")

    @field_validator("add")
    @classmethod
    def _spare(cls, place: str | None) -> str | None:
        if place is None:
            return None
        if place in _ordinary():
            raise refusal(f"{place!r} is there in every leg and cannot be added", hint="write `at:` in place of `add:`")
        return _known(place, places.TRIBUTARIES, "spare tributary")

    @model_validator(mode="after")
    def _sensible(self) -> Vein:
        self.need_one({"`at`": self.at is not None, "`add`": self.add is not None})
        said = {
            name for name in ("diameter_standing", "tortuosity", "narrowed", "wall") if getattr(self, name) is not None
        }
        if self.add is not None:
            if self.diameter_standing is None:
                raise refusal(f"the added {self.add!r} needs a diameter", hint="write `diameter_standing: 5 mm`")
            if self.narrowed is not None:
                raise refusal(
                    f"{self.add!r} is added and narrowed at once", hint="give it a smaller diameter", key="narrowed"
                )
        elif not said:
            raise refusal(f"nothing is said about {self.at!r}", hint=self.shape())
        if self.at in places.PERFORATOR_GROUPS and said - {"diameter_standing"}:
            wrong = sorted(said - {"diameter_standing"})[0]
            raise refusal(
                f"{wrong!r} cannot be given for a perforator; allowed is diameter_standing",
                hint=f"leave {wrong!r} out, or name a vein",
                key=wrong,
            )
        if self.narrowed is not None and self.diameter_standing is not None:
            raise refusal(
                f"{self.at!r} has a diameter and is narrowed at once",
                hint="keep one of the two: the share of lumen left, or the diameter",
                key="narrowed",
            )
        return self

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the single segments or perforators meant."""
        name = self.at or self.add or ""
        return places.SEGMENT_GROUPS.get(name) or places.PERFORATOR_GROUPS[name]

    @property
    def lumen_left(self) -> float | None:
        """Share of the lumen's area that is left, 1; 0 for a closed vein, None where nothing is said."""
        return 0.0 if self.narrowed == "closed" else None if self.narrowed is None else float(self.narrowed)

    @property
    def stiffness(self) -> float | None:
        """Stiffness as a multiple of a healthy wall's, 1; None where nothing is said."""
        if self.wall is None:
            return None
        return figures.internal(_WALL.words[self.wall]) if isinstance(self.wall, str) else float(self.wall)


@cache
def _ordinary() -> dict[str, None]:
    """Segments, perforators and their groups that every leg has."""
    spare = set(places.TRIBUTARIES)
    groups = [name for name, members in places.SEGMENT_GROUPS.items() if not spare.issuperset(members)]
    return dict.fromkeys([*groups, *places.PERFORATOR_GROUPS])


@cache
def _classification(text: str) -> Ceap:
    """A classification as clinics write it; one that only the edition of 2004 knows (`Es`) is read by that.

    Raises:
        DocumentError: where it is none, or can be read in two ways.
    """
    try:
        return parse_ceap(text)
    except DocumentError as error:
        try:
            return parse_ceap(text, 2004)
        except DocumentError:
            raise error from None


_SKIN_OF_CLASS: dict[str, tuple[Skin, ...]] = {
    "6": ("ulcer",),
    "5": ("healed ulcer", "ulcer"),
    "4": ("eczema", "pigmentation", "hardened", "healed ulcer", "ulcer"),
}
"""What the skin can be at worst where a clinical class is given. 4c, a fan of tiny veins, leaves the skin as it is."""

_CLASS_OF_SKIN: dict[Skin, str] = {"ulcer": "6", "healed ulcer": "5"}
"""The clinical class that a state of the skin makes by definition."""


class Lymph(Entry):
    """What is unusual about the lymph and the tissue fluid of a leg.

    Attributes:
        contractility: active tension of its lymphangions as a multiple of healthy, 1.
        collectors: number of its collectors as a multiple of healthy, 1.
        valve_leak: share of an open valve's conductance that is left when lymph valves are shut, 1.
        removed_nodes: nodes that are gone.
        swelling: tissue fluid under the skin to begin with, as a multiple of the reference leg's, 1.
    """

    contractility: Annotated[Quantity, SHARE.between("0", "3", example="0.5")] | None = None
    collectors: Annotated[Quantity, SHARE.between("0.01", "5", example="0.5")] | None = None
    valve_leak: Annotated[Quantity, SHARE.between("0", "1", example="0.1")] | None = None
    removed_nodes: tuple[str, ...] = ()
    swelling: Annotated[Quantity, SHARE.between("0.8", "3", example="1.3")] | None = None

    @field_validator("removed_nodes")
    @classmethod
    def _known_nodes(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in places.NODES:
                near = nearest(name, places.NODES)
                raise refusal(
                    f"there are no nodes {show(name)}; allowed are {', '.join(places.NODES)}",
                    hint=f"did you mean {near!r}?" if near else "name a group of nodes of the leg",
                )
        return names


class Leg(Entry):
    """What is unusual about one leg; no entry at all is a healthy leg.

    Attributes:
        ceap: classification such as `C2s Ep As(GSVa,GSVb) Pr`, kept as written. It must not contradict the rest.
        symptoms: what is felt, `[none]` where nothing is; None where nothing is stated.
        skin: the worst state of the skin; None where nothing is stated.
        suprasaphenic_valve: whether the common femoral vein has a valve above the saphenofemoral junction. Both are
            ordinary anatomy.
        reflux: valves that leak.
        veins: veins unlike healthy ones.
        lymph: lymph and tissue fluid unlike a healthy leg's.
    """

    ceap: str | None = None
    symptoms: tuple[Symptom, ...] | None = None
    skin: Skin | None = None
    suprasaphenic_valve: Literal["present", "absent"] = "present"
    reflux: tuple[Reflux, ...] = ()
    veins: tuple[Vein, ...] = ()
    lymph: Lymph | None = None

    @classmethod
    def shape(cls) -> str:
        return "write `healthy`, or a mapping with reflux and veins"

    @model_validator(mode="before")
    @classmethod
    def _healthy(cls, data: Any) -> Any:
        if data == "healthy":
            return {}
        if isinstance(data, str):
            near = nearest(data, ["healthy"])
            raise refusal(
                f"{data!r} says nothing about a leg; allowed are 'healthy' or a mapping",
                hint="did you mean 'healthy'?" if near else cls.shape(),
            )
        listed = isinstance(data, list) and "healthy" in data
        if listed or (isinstance(data, Mapping) and "healthy" in data):
            raise refusal("a leg that is healthy has no other entries", hint="take 'healthy' out, or everything else")
        return data

    @field_validator("ceap")
    @classmethod
    def _class(cls, text: str | None) -> str | None:
        try:
            if text is not None:
                _classification(text)
        except DocumentError as error:
            raise refusal(error.message, hint=error.hint) from None
        return text

    @field_validator("symptoms")
    @classmethod
    def _felt(cls, symptoms: tuple[Symptom, ...] | None) -> tuple[Symptom, ...] | None:
        if symptoms == ():
            raise refusal(
                "an empty list does not say whether anything is felt",
                hint="write [none] where nothing is felt, or leave `symptoms` out where nobody asked",
            )
        if symptoms and "none" in symptoms and len(set(symptoms)) > 1:
            others = ", ".join(symptom for symptom in symptoms if symptom != "none")
            raise refusal(
                f"'none' contradicts {others}, which the same list names",
                hint="take 'none' out, or everything else if it is not felt",
            )
        return symptoms

    @model_validator(mode="after")
    def _not_contradictory(self) -> Leg:
        leaks = [entry for entry in self.reflux if entry.leak not in ("none", 0.0)]
        seen: set[str] = set()
        for number, entry in enumerate(self.reflux):
            if entry.at in seen:
                raise refusal(f"{entry.at!r} is given twice", hint="keep one of the two", key=("reflux", number))
            seen.add(entry.at)
        seen = set()
        for number, vein in enumerate(self.veins):
            name = vein.at or vein.add or ""
            if name in seen:
                both = {str(other.narrowed) for other in self.veins if name == (other.at or other.add)} - {"None"}
                what = "narrowed and closed at once" if "closed" in both and len(both) > 1 else "given twice"
                raise refusal(f"{name!r} is {what}", hint="keep one of the two entries", key=("veins", number))
            seen.add(name)
        added = {vein.add for vein in self.veins if vein.add}
        for number, entry in enumerate(self.reflux):
            owners = {name for name in places.TRIBUTARIES if any(valve.startswith(name) for valve in entry.valves)}
            if owners and len(owners) == 1 and not owners & added:
                name = next(iter(owners))
                raise refusal(
                    f"{name!r} has reflux but is no part of this leg",
                    hint=f"add it under veins: {{add: {name!r}, diameter_standing: 5 mm}}",
                    key=("reflux", number),
                )
        absent = self.suprasaphenic_valve == "absent"
        valve = "common femoral, suprasaphenic valve"
        for number, entry in enumerate(self.reflux):
            if absent and entry.at == valve:
                raise refusal(
                    "the suprasaphenic valve is absent and leaks at once",
                    hint="keep one of the two",
                    key=("reflux", number),
                )
        if self.classification is not None:
            self._veins_fit(self.classification, bool(leaks))
            self._skin_fits(self.classification)
            self._symptoms_fit(self.classification)
        return self

    def _veins_fit(self, given: Ceap, leaks: bool) -> None:
        """Refuse a class that the veins of the document contradict."""
        patho = given.pathophysiology
        narrowed = any(vein.narrowed is not None for vein in self.veins)
        tributaries = any(vein.add for vein in self.veins)
        wrong = None
        if given.highest in ("0", "1") and tributaries:
            wrong = f"C{given.highest} says that there are no varicose veins, but tributaries are added", "C2 or more"
        elif given.highest == "0" and leaks and "r" not in patho:
            wrong = "C0 without Pr says that nothing is wrong, but there is reflux", "Pr, or a class from C1 to C6"
        elif "n" in patho and (leaks or narrowed):
            wrong = "Pn says that there is no reflux and no obstruction, but there is", "Pr, Po or Pr,o"
        elif "r" in patho and not leaks:
            wrong = "Pr says that there is reflux, but no valve leaks", "an entry under reflux, or leave Pr out"
        elif "o" in patho and not narrowed:
            wrong = (
                "Po says that there is an obstruction, but no vein is narrowed",
                "an entry under veins, or leave Po out",
            )
        if wrong:
            raise refusal(f"{self.ceap!r} contradicts the rest: {wrong[0]}", hint=f"write {wrong[1]}", key="ceap")

    def _skin_fits(self, given: Ceap) -> None:
        """Refuse a state of the skin that a clinical class rules out, or makes another class."""
        if self.skin is None:
            return
        worst = "`skin` states the worst there is now"
        for code in reversed(given.clinical):
            possible = _SKIN_OF_CLASS.get(code[0], ()) if code != "4c" else ()
            if possible and self.skin not in possible:
                likely = [skin for skin in possible if _CLASS_OF_SKIN.get(skin, code[0]) == code[0]]
                raise refusal(
                    f"{self.skin!r} contradicts {self.ceap!r}: C{code} is {meaning(code)}",
                    hint=f"{worst}: write {' or '.join(likely)}, or correct the class",
                    key="skin",
                )
        needed = _CLASS_OF_SKIN.get(self.skin)
        if needed and not any(code[0] == needed for code in given.clinical):
            raise refusal(
                f"{self.skin!r} contradicts {self.ceap!r}: with it the class is C{needed}, {meaning(needed)}",
                hint=f"{worst}: write C{needed}, or correct `skin`",
                key="skin",
            )

    def _symptoms_fit(self, given: Ceap) -> None:
        """Refuse symptoms that the letter behind the clinical class contradicts."""
        if self.symptoms is None or given.symptoms is None:
            return
        felt = self.symptoms != ("none",)
        if felt != (given.symptoms == "s"):
            says = "with symptoms" if given.symptoms == "s" else "without symptoms"
            raise refusal(
                f"[{', '.join(self.symptoms)}] contradicts {self.ceap!r}, whose letter {given.symptoms} says {says}",
                hint="ask what is felt, and correct the one that is wrong",
                key="symptoms",
            )

    @property
    def healthy(self) -> bool:
        """Whether there is no entry that changes veins or lymph."""
        return not self.reflux and not self.veins and self.lymph is None and self.suprasaphenic_valve == "present"

    @property
    def classification(self) -> Ceap | None:
        """CEAP as it was read; None where not stated."""
        return _classification(self.ceap) if self.ceap is not None else None

    @property
    def clinical_class(self) -> int | None:
        """The highest CEAP clinical class, 0 to 6; None where not stated."""
        return int(self.classification.highest[0]) if self.classification else None

    @model_serializer(mode="wrap")
    def _write(self, handler: Any) -> Any:
        return handler(self) or "healthy"


class Subject(Entry):
    """Who it is: never by name.

    Attributes:
        label: a label, never somebody's name.
        sex: female or male.
        age: years inside.
        height: stature, cm inside.
        mass: kg inside.
    """

    label: Annotated[str, Field(min_length=1, max_length=60)]
    sex: Sex
    age: Annotated[Quantity, AGE.between("16 y", "110 y", example="52 y")]
    height: Annotated[Quantity, LENGTH.between("130 cm", "220 cm", example="168 cm")]
    mass: Annotated[Quantity, MASS.between("30 kg", "250 kg", example="71 kg")]

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
        face: accepted, not used yet.
        measured: readings that calibration will fit to; accepted, not used yet.
    """

    kind: Literal["person"] = "person"
    version: Literal[1] = 1
    person: Subject
    legs: Legs = Legs()
    face: Any = None
    measured: tuple[dict[str, Any], ...] = ()

    @classmethod
    def shape(cls) -> str:
        return "look at a packaged person with `venolymph people`"

    @field_validator("measured", mode="before")
    @classmethod
    def _readings(cls, entries: Any) -> Any:
        if not isinstance(entries, list | tuple):
            return entries
        for number, entry in enumerate(entries):
            if not isinstance(entry, Mapping) or not set(entry) - {"leg", "date"}:
                raise refusal(
                    f"found {show(entry)}, where a reading is needed",
                    hint="write it as in {VFI: 5.1 mL/s, leg: left, date: 2026-03-02}",
                    key=number,
                )
            if entry.get("leg", "left") not in ("left", "right"):
                raise refusal(
                    f"{show(entry['leg'])} is not a leg; allowed are left, right",
                    hint="write one reading for each leg",
                    key=(number, "leg"),
                )
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
    def notices(self) -> list[str]:
        """What the document says that is not used yet."""
        notices = []
        if self.face is not None:
            notices.append("face: accepted, not used yet")
        if self.measured:
            number = len(self.measured)
            notices.append(f"measured: {number} reading{'s' * (number > 1)} accepted, not used yet")
        return notices

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())


@cache
def packaged_people() -> dict[str, Path]:
    """Files of the packaged people by name."""
    folder = Path(__file__).parent / "people"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: _rank(path.stem))}


def _rank(name: str) -> tuple[int, str]:
    first = ("healthy", "mild-varicose", "severe-varicose", "small-saphenous", "deep-reflux", "post-thrombotic")
    order = (*first, "lymphoedema")
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
