"""The face of a person as a document: colour and shape under the eyes, looseness, habits, what an operation took.

A face without entries is that of the reference person. Pigment belongs to the person: no regimen changes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, field_validator, model_serializer, model_validator

from venolymph import figures
from venolymph.body.number_or_word import NumberOrWord
from venolymph.body.stated import felt, healthy_or_more
from venolymph.documents import Entry
from venolymph.errors import nearest
from venolymph.units import ANGLE, LENGTH, SHARE, Quantity, refusal, show

TONES = ("very light", "light", "intermediate", "tan", "brown", "dark")
"""Classes of skin by individual typology angle, lightest first (Chardon 1991, Del Bino 2013)."""

FaceRegion = Literal[
    "forehead",
    "temple",
    "upper lid",
    "lower lid, medial",
    "lower lid, lateral",
    "cheek, medial",
    "cheek, lateral",
    "nose",
    "lips",
    "chin",
    "jawline",
    "neck, front",
    "neck, side",
    "ear and mastoid",
    "scalp, back",
]
FACE_REGIONS: tuple[FaceRegion, ...] = get_args(FaceRegion)
"""Regions of one half of head and neck."""

FACE_CHAINS = (
    "orbito-temporal",
    "facial, medial",
    "lips",
    "chin",
    "jaw",
    "cheek, lateral",
    "neck, front",
    "neck, side",
    "mastoid",
    "occipital",
)
"""Groups of lymph collectors of one half, by which lymph leaves its regions."""

FACE_NODES = (
    "submental",
    "submandibular",
    "parotid",
    "facial",
    "mastoid",
    "occipital",
    "spinal accessory",
    "superficial cervical",
    "upper deep cervical",
    "lower deep cervical",
    "supraclavicular",
    "jugular trunk",
)
"""Groups of nodes of one half, and the trunk to its venous angle: what an operation on the neck can take out."""

FaceSymptom = Literal[
    "none", "pain", "tenderness", "burning", "itching", "tightness", "puffiness", "swelling on one side"
]
FaceSkin = Literal["intact", "dry", "inflamed", "infected", "broken"]
Sleeps = Literal["back", "left", "right", "front", "flat"]

_TONE = NumberOrWord(
    ANGLE.between("-90 deg", "90 deg", example="38 deg"),
    {tone: f"people.tone.{tone.replace(' ', '_')}" for tone in TONES},
    "skin tone",
)


def _named(name: object, allowed: tuple[str, ...], what: str, key: str | int) -> str:
    if not isinstance(name, str) or name not in allowed:
        near = nearest(name, allowed) if isinstance(name, str) else None
        raise refusal(
            f"there is no {what} {show(name)}; allowed are {'; '.join(allowed)}",
            hint=f"did you mean {near!r}?" if near else "the reference of people lists them",
            key=key,
        )
    return name


def _shares(given: Any) -> Any:
    """Shares by which lymph leaves each region: names that there are, and shares that are all of it together."""
    if not isinstance(given, Mapping):
        raise refusal(
            f"found {show(given)}, where shares by region are needed",
            hint="write it as in {chin: {chin: 0.6, lips: 0.4}}",
        )
    found: dict[str, dict[str, Quantity]] = {}
    for region, ways in given.items():
        _named(region, FACE_REGIONS, "region of the face", str(region))
        if not isinstance(ways, Mapping) or not ways:
            raise refusal(
                f"found {show(ways)}, where shares by group of collectors are needed",
                hint="write it as in {chin: 0.6, lips: 0.4}",
                key=region,
            )
        for chain in ways:
            _named(chain, FACE_CHAINS, "group of collectors", region)
        found[region] = {chain: SHARE.between("0", "1", example="0.6").checked(share) for chain, share in ways.items()}
        whole = sum(found[region].values())
        if not math.isclose(whole, 1.0, abs_tol=1e-6):
            raise refusal(
                f"the shares by which lymph leaves {region!r} sum to {whole:g}; all of it is 1",
                hint="correct the shares, or leave the region out for the usual ones",
                key=region,
            )
    return found


class FaceSide(Entry):
    """What is unusual about one side of head and neck.

    Attributes:
        operated: groups of nodes that were taken out, and the jugular trunk where it was tied.
        irradiated: whether it had radiotherapy.
        drainage: shares by which lymph leaves a region, by group of collectors, where they are unlike the usual ones.
    """

    operated: tuple[str, ...] = ()
    irradiated: bool = False
    drainage: Annotated[dict[str, dict[str, Annotated[Quantity, SHARE]]], BeforeValidator(_shares)] | None = None

    @classmethod
    def shape(cls) -> str:
        return "write it as in {operated: [upper deep cervical, lower deep cervical], irradiated: true}"

    @model_validator(mode="before")
    @classmethod
    def _known_nodes(cls, data: Any) -> Any:
        operated = data.get("operated") if isinstance(data, Mapping) else None
        if operated is None:
            return data
        if not isinstance(operated, list | tuple):
            raise refusal(f"found {show(operated)}, where a list of nodes is needed", hint=cls.shape(), key="operated")
        for name in operated:
            _named(name, FACE_NODES, "group of nodes", "operated")
        return data


class Face(Entry):
    """What is unusual about a face; no entry at all is the reference face.

    Attributes:
        symptoms: what is felt in face and neck, `[none]` where nothing is; None where nothing is stated.
        skin: the worst state of its skin; None where nothing is stated.
        typology_angle: individual typology angle of the cheek's skin, rad inside, or a class of it.
        lid_looseness: of the lids' tissue, as a multiple of that of the forehead, 1.
        trough: depth of the furrow between lower lid and cheek, cm inside.
        bag: how far the lower lid bulges above it, cm inside.
        lid_pigment: melanin of the lower lid per area, as a multiple of the cheek's, 1.
        lid_blood: blood of the small vessels under the lower lid, as a multiple of the reference, 1.
        lid_oxygenation: share of its haemoglobin that carries oxygen, 1.
        lid_dermis: thickness of the lower lid's dermis, cm inside.
        sleeps: how the person sleeps: on the back on a pillow, on a side, on the front, or flat on the back.
        plasma_protein: by how much it differs from the reference, as a share of it, 1.
        uptake: of tissue fluid by lymph vessels, as a multiple of the reference, 1.
        left: the left side.
        right: the right side.
    """

    symptoms: tuple[FaceSymptom, ...] | None = None
    skin: FaceSkin | None = None
    typology_angle: Annotated[str | Quantity, _TONE] | None = None
    lid_looseness: Annotated[Quantity, SHARE.between("1", "8", example="4")] | None = None
    trough: Annotated[Quantity, LENGTH.between("0 mm", "5 mm", example="1 mm")] | None = None
    bag: Annotated[Quantity, LENGTH.between("0 mm", "5 mm", example="1 mm")] | None = None
    lid_pigment: Annotated[Quantity, SHARE.between("0.5", "4", example="1.6")] | None = None
    lid_blood: Annotated[Quantity, SHARE.between("0.2", "4", example="1.6")] | None = None
    lid_oxygenation: Annotated[Quantity, SHARE.between("0.1", "0.95", example="0.6")] | None = None
    lid_dermis: Annotated[Quantity, LENGTH.between("0.2 mm", "1.5 mm", example="0.55 mm")] | None = None
    sleeps: Sleeps | None = None
    plasma_protein: Annotated[Quantity, SHARE.between("-30 %", "20 %", example="-5 %")] | None = None
    uptake: Annotated[Quantity, SHARE.between("0.1", "3", example="0.7")] | None = None
    left: FaceSide = FaceSide()
    right: FaceSide = FaceSide()

    @classmethod
    def shape(cls) -> str:
        return "write `healthy`, or a mapping such as {typology_angle: 38 deg, trough: 0.5 mm}"

    @model_validator(mode="before")
    @classmethod
    def _healthy(cls, data: Any) -> Any:
        return healthy_or_more(data, "face", cls.shape())

    @field_validator("symptoms")
    @classmethod
    def _felt(cls, symptoms: tuple[FaceSymptom, ...] | None) -> tuple[FaceSymptom, ...] | None:
        return felt(symptoms)

    @property
    def healthy(self) -> bool:
        """Whether there is no entry at all."""
        return self == Face()

    @property
    def tone(self) -> float | None:
        """Individual typology angle, degrees; None where not stated."""
        given = self.typology_angle
        if given is None:
            return None
        return math.degrees(figures.internal(_TONE.words[given]) if isinstance(given, str) else float(given))

    def side(self, name: Literal["left", "right"]) -> FaceSide:
        """What is unusual about the side of that name."""
        return self.left if name == "left" else self.right

    @property
    def symmetric(self) -> bool:
        """Whether both sides are alike."""
        return self.left == self.right

    @model_serializer(mode="wrap")
    def _write(self, handler: Any) -> Any:
        return handler(self) or "healthy"
