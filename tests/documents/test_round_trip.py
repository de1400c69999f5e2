"""A document and its object round-trip without loss; random valid documents are accepted."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from venolymph import documents
from venolymph.body import places
from venolymph.body.person import Person, load_person, packaged_people, person_schema
from venolymph.errors import DocumentError, UnitError
from venolymph.regimen import (
    Lie,
    Regimen,
    Stand,
    TakeReadings,
    Tiptoes,
    Walk,
    load_regimen,
    packaged_regimens,
    regimen_schema,
)
from venolymph.units import Quantity


def number(low: float, high: float, unit: str) -> st.SearchStrategy[str]:
    """Quantities as people write them."""
    return st.floats(low, high).map(lambda value: f"{value:.4g} {unit}")


SPARE = list(places.TRIBUTARIES)
SEGMENTS = [name for name in places.SEGMENT_GROUPS if not name.startswith(("tributary", "thigh extension"))]
LEAKING = [name for name in places.VALVES if not name.startswith(("tributary", "thigh extension"))]


def optional(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings that have any of the keys."""
    return st.fixed_dictionaries({}, optional=keys)


def leaks() -> st.SearchStrategy[Any]:
    """A grade or a number."""
    return st.sampled_from(["none", "mild", "moderate", "severe"]) | st.sampled_from([0, 0.03, 0.5, 1, "12 %"])


def legs() -> st.SearchStrategy[Any]:
    """A leg's entry."""
    extra = optional(tortuosity=st.floats(1, 4), wall=st.sampled_from(["softer", "stiffer", 0.5, 3]))
    width = st.fixed_dictionaries({"diameter_standing": number(0.5, 20, "mm")}, optional={"tortuosity": st.just(1.5)})
    closed = st.fixed_dictionaries({"narrowed": st.sampled_from(["closed", 0.3, "50 %", 1])})
    ordinary = st.tuples(st.sampled_from(SEGMENTS), width | closed, extra).map(lambda t: {"at": t[0], **t[2], **t[1]})
    added = st.tuples(st.sampled_from(SPARE), width, extra).map(lambda t: {"add": t[0], **t[2], **t[1]})
    reflux = st.lists(st.sampled_from(LEAKING), unique=True, max_size=6).flatmap(
        lambda names: st.tuples(*[leaks().map(lambda leak, at=at: {"at": at, "leak": leak}) for at in names]).map(list)
    )
    veins = st.lists(ordinary | added, max_size=5, unique_by=lambda vein: vein.get("at") or vein["add"])
    entry = optional(
        symptoms=st.lists(st.sampled_from(["heaviness", "pain", "cramps"]), min_size=1, max_size=3),
        skin=st.sampled_from(["intact", "ulcer"]),
        reflux=reflux,
        veins=veins,
    )
    return st.just("healthy") | entry


def people() -> st.SearchStrategy[dict[str, Any]]:
    """A person's document."""
    who = st.fixed_dictionaries(
        {
            "label": st.text("abcdef -éß1", min_size=1, max_size=20).map(str.strip).filter(bool),
            "sex": st.sampled_from(["female", "male"]),
            "age": number(18, 100, "y"),
            "height": number(1.5, 2.1, "m") | number(150, 210, "cm"),
            "mass": number(60, 140, "kg"),
        }
    )
    return st.fixed_dictionaries(
        {"kind": st.just("person"), "version": st.just(1), "person": who},
        optional={
            "legs": optional(left=legs(), right=legs(), asked=st.sampled_from(["left", "right"])),
            "face": st.just("healthy"),
            "measured": st.just([{"VFI": "5.1 mL/s", "leg": "left", "date": "2026-03-02"}]),
        },
    )


@settings(max_examples=60, deadline=None)
@given(people())
def test_person_round_trips(document: dict[str, Any]) -> None:
    person = load_person(document)
    text = person.to_yaml()
    again = documents.check(Person, documents.parse(text)[0])
    assert again == person
    assert again.to_yaml() == text
    assert texts(again) == texts(person)
    given = person.document()
    assert list(given)[:2] == ["kind", "version"]
    for plain in (given, json.loads(json.dumps(given))):
        assert load_person(plain) == person


def texts(value: Any) -> list[str]:
    """Every quantity of a document as it is written."""
    if isinstance(value, Quantity):
        return [value.text]
    if isinstance(value, BaseModel):
        return [text for name in type(value).model_fields for text in texts(getattr(value, name))]
    return [text for item in value for text in texts(item)] if isinstance(value, tuple) else []


@pytest.mark.parametrize("name", packaged_people())
def test_packaged_people(name: str) -> None:
    person = load_person(name)
    assert person.label == name
    assert documents.check(Person, documents.parse(person.to_yaml())[0]) == person
    assert load_person(person.document()) == person
    assert pickle.loads(pickle.dumps(person)) == person
    assert copy.deepcopy(person) == person


@pytest.mark.parametrize("name", packaged_regimens())
def test_packaged_regimens(name: str) -> None:
    regimen = load_regimen(name)
    assert documents.check(Regimen, documents.parse(regimen.to_yaml())[0]) == regimen
    assert load_regimen(regimen.document()) == regimen
    assert pickle.loads(pickle.dumps(regimen)) == regimen


def test_what_a_person_says() -> None:
    person = load_person("mild-varicose")
    assert (person.height, person.mass, person.age) == (168.0, 71.0, 52.0)
    assert person.index_side == "left"
    assert person.leg.clinical_class == 2
    assert not person.leg.healthy
    assert person.other_leg.healthy
    assert person.leg.suprasaphenic_valve == "absent"
    assert "great saphenous, terminal valve" in person.leg.reflux[0].valves
    assert 0.0 < person.leg.reflux[0].open_share < 1.0
    thigh = next(vein for vein in person.leg.veins if vein.at == "great saphenous, thigh")
    assert thigh.diameter_standing == pytest.approx(0.59)
    assert thigh.segments == ("great saphenous, thigh",)
    assert person.with_index_side("right").leg.healthy
    assert load_person("healthy").height == 175.0
    assert load_person("small-saphenous").index_side == "right"


def test_post_thrombotic_says_what_is_left() -> None:
    veins = {vein.at: vein for vein in load_person("post-thrombotic").leg.veins}
    assert veins["common iliac"].lumen_left == 0.25
    stiffness = veins["common iliac"].stiffness
    assert stiffness is not None and stiffness > 1.0
    assert veins["perforator, Cockett middle"].lumen_left is None


def test_what_a_simulation_does_not_use_is_said() -> None:
    document = documents.parse(load_person("healthy").to_yaml())[0]
    assert load_person(document).notices == []
    document |= {"face": "healthy", "measured": [{"VFI": "5.1 mL/s"}]}
    assert load_person(document).notices == ["measured: 1 reading, which `venolymph calibrate` fits to, not used here"]


def test_objects_in_python() -> None:
    regimen = Regimen([Stand(for_="10 min"), Walk(speed="3 km/h", for_="1 min"), TakeReadings(["VFI"])], regimen="mine")
    document = """
kind: regimen
version: 1
regimen: mine
steps:
  - stand: {for: 10 min}
  - walk: {speed: 3 km/h, for: 1 min}
  - measure: [VFI]
"""
    assert regimen == documents.check(Regimen, documents.parse(document)[0])
    assert regimen.to_yaml() == document.lstrip()
    assert load_regimen(regimen) is regimen
    assert load_regimen([Stand(for_="10 min")]).steps[0].word == "stand"
    assert regimen.measures == ("VFI",)


def test_objects_in_python_refuse_what_documents_refuse() -> None:
    with pytest.raises(UnitError, match="10 has no unit"):
        Stand(for_=10)
    with pytest.raises(DocumentError, match="unknown key"):
        Tiptoes(times=3)
    with pytest.raises(DocumentError, match="needs standing"):
        Regimen([Lie(for_="1 min"), Tiptoes(count=10)])


def test_bare_words_are_steps() -> None:
    assert Regimen(["stand", {"walk": {"speed": "3 km/h", "for": "1 min"}}]).steps[0] == Stand()


def test_a_quantity_given_in_another_unit_is_kept_as_written() -> None:
    step = Stand(for_="0.5 h")
    assert step.for_ == 1800.0
    assert step.document() == {"for": "0.5 h"}


def test_yes_and_dates_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "document.yaml"
    path.write_text("a: no\nb: 2026-03-02\nc: 12:30\nd: 010\ne: true\nf: 1.5\ng:\n", encoding="utf-8")
    data, source = documents.read(path)
    assert data == {"a": "no", "b": "2026-03-02", "c": "12:30", "d": 10, "e": True, "f": 1.5, "g": None}
    assert source.lines[("c",)] == 3


def test_schemas_name_every_key() -> None:
    assert set(person_schema()["properties"]) == {"kind", "version", "person", "legs", "face", "measured"}
    schema = regimen_schema()
    words = {next(iter(step["properties"])) for step in schema["properties"]["steps"]["items"]["oneOf"]}
    assert {"stand", "walk", "cuff", "measure"} <= words
