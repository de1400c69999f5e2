"""One leg of a person as a document: its class, what is felt, skin, veins and lymph."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import field_validator, model_serializer, model_validator

from venolymph.body import places
from venolymph.body.person_veins import Reflux, Vein
from venolymph.body.stated import felt, healthy_or_more
from venolymph.classification import Ceap, parse_ceap
from venolymph.classification.ceap import meaning
from venolymph.documents import Entry
from venolymph.errors import DocumentError, nearest
from venolymph.units import AGE, SHARE, Quantity, refusal, show

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
        disease_since: years inside that its valves have leaked or its veins been wide; None where nothing is stated.
        valve_reserve: standing width at which leaflets no longer meet, over a healthy vein's standing width, 1 inside;
            None where nothing is stated.
        reflux: valves that leak.
        veins: veins unlike healthy ones.
        lymph: lymph and tissue fluid unlike a healthy leg's.
    """

    ceap: str | None = None
    symptoms: tuple[Symptom, ...] | None = None
    skin: Skin | None = None
    suprasaphenic_valve: Literal["present", "absent"] = "present"
    disease_since: Annotated[Quantity, AGE.between("0 y", "100 y", example="12 y")] | None = None
    valve_reserve: Annotated[Quantity, SHARE.between("1.01", "2.5", example="1.34")] | None = None
    reflux: tuple[Reflux, ...] = ()
    veins: tuple[Vein, ...] = ()
    lymph: Lymph | None = None

    @classmethod
    def shape(cls) -> str:
        return "write `healthy`, or a mapping with reflux and veins"

    @model_validator(mode="before")
    @classmethod
    def _healthy(cls, data: Any) -> Any:
        return healthy_or_more(data, "leg", cls.shape())

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
        return felt(symptoms)

    @model_validator(mode="after")
    def _ill_of_something(self) -> Leg:
        if self.disease_since is not None and not self.reflux and not self.veins:
            raise refusal(
                f"ill for {self.disease_since}, but no valve leaks and no vein is unlike a healthy one",
                hint="add what is ill under `reflux` or `veins`, or leave `disease_since` out",
                key="disease_since",
            )
        return self

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
        changed = self.reflux or self.veins or self.lymph or self.valve_reserve
        return not changed and self.suprasaphenic_valve == "present"

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
