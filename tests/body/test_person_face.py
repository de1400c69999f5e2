"""A face as a document: what it says is read with its units, written back as it was, and refused where it cannot be."""

from __future__ import annotations

import math
from typing import Any

import pytest

from venolymph import documents, figures
from venolymph.body.person import Person, load_person, packaged_people
from venolymph.body.person_face import FACE_CHAINS, FACE_NODES, FACE_REGIONS, TONES, Face
from venolymph.errors import DocumentError

WHO = {"label": "somebody", "sex": "female", "age": "52 y", "height": "168 cm", "mass": "71 kg"}


def with_face(**face: Any) -> Person:
    """A person with such a face."""
    return load_person({"kind": "person", "version": 1, "person": WHO, "face": face})


def face(**said: Any) -> Face:
    """Such a face."""
    found = with_face(**said).face
    assert found is not None
    return found


def test_quantities_are_read_in_internal_units() -> None:
    found = face(typology_angle="38 deg", trough="0.5 mm", plasma_protein="-5 %", lid_pigment=1.6, lid_dermis="440 um")
    assert found.tone == pytest.approx(38.0)
    assert found.trough == pytest.approx(0.05)
    assert found.plasma_protein == pytest.approx(-0.05)
    assert found.lid_pigment == 1.6
    assert found.lid_dermis == pytest.approx(0.044)
    assert face().tone is None


def test_tones_by_word_lie_in_their_class_lightest_first() -> None:
    tones = [face(typology_angle=tone).tone for tone in TONES]
    assert all(tone is not None for tone in tones)
    assert tones == sorted(tones, key=lambda tone: -(tone or 0.0))
    for tone, found in zip(TONES, tones, strict=True):
        figure = figures.load()[f"people.tone.{tone.replace(' ', '_')}"]
        assert figure.low is not None and figure.high is not None and found is not None
        assert figure.low <= found <= figure.high
        assert math.isclose(found, figure.value)


def test_a_face_that_says_nothing_is_healthy_and_one_that_is_not_stated_is_none() -> None:
    assert load_person({"kind": "person", "version": 1, "person": WHO}).face is None
    stated = load_person({"kind": "person", "version": 1, "person": WHO, "face": "healthy"})
    assert stated.face == Face()
    assert stated.document()["face"] == "healthy"
    assert stated.notices == []


def test_sides() -> None:
    found = face(left={"operated": ["upper deep cervical"], "irradiated": True}, right={})
    assert found.side("left").operated == ("upper deep cervical",)
    assert found.side("left").irradiated and not found.side("right").irradiated
    assert not found.symmetric and face().symmetric
    shares = face(right={"drainage": {"chin": {"chin": 0.3, "lips": "70 %"}}}).right.drainage
    assert shares is not None and shares["chin"] == pytest.approx({"chin": 0.3, "lips": 0.7})


def test_a_face_is_written_back_as_it_was() -> None:
    person = with_face(
        symptoms=["puffiness"],
        typology_angle="brown",
        trough="0.5 mm",
        sleeps="flat",
        left={"drainage": {"chin": {"chin": 0.3, "lips": "70 %"}}, "operated": ["submental"]},
    )
    text = person.to_yaml()
    again = documents.check(Person, documents.parse(text)[0])
    assert again == person
    assert again.to_yaml() == text


def test_packaged_people_with_a_face_state_what_is_felt_and_their_skin() -> None:
    faces = {name: found for name in packaged_people() if (found := load_person(name).face) is not None}
    assert set(faces) >= {"rested", "puffy-morning", "neck-dissection"}
    for found in faces.values():
        assert found.symptoms and found.skin == "intact"
    for kind, differs in {"vascular": "lid_blood", "pigment": "lid_pigment", "shadow": "bag"}.items():
        stated = getattr(faces[f"dark-circles-{kind}"], differs)
        assert stated is not None and stated > (getattr(faces["rested"], differs) or 0.0)
    assert faces["neck-dissection"].left.operated and not faces["neck-dissection"].right.operated


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"trogh": "1 mm"}, "unknown key", "did you mean 'trough'?"),
        (
            {"typology_angle": "tanned"},
            "'tanned' is no skin tone; allowed are very light",
            "did you mean 'tan'?",
        ),
        ({"typology_angle": "olive"}, "or a number of -90 deg to 90 deg", "write one of very light"),
        ({"typology_angle": 38}, "38 has no unit", "deg"),
        ({"typology_angle": "120 deg"}, "allowed is -90 deg to 90 deg", "38 deg"),
        ({"lid_looseness": 12}, "allowed is 1 to 8", "4"),
        ({"trough": "5 cm"}, "allowed is 0 mm to 5 mm", "1 mm"),
        ({"plasma_protein": "-80 %"}, "allowed is -30 % to 20 %", "-5 %"),
        ({"sleeps": "standing"}, "standing", ""),
        ({"symptoms": []}, "does not say whether anything is felt", "[none]"),
        ({"symptoms": ["none", "pain"]}, "'none' contradicts pain", "take 'none' out"),
        (
            {"left": {"operated": ["upper deep"]}},
            "no group of nodes 'upper deep'",
            "upper deep cervical",
        ),
        ({"left": {"operated": "submental"}}, "a list of nodes is needed", "operated:"),
        ({"left": {"operated": [3]}}, "no group of nodes 3", "reference"),
        ({"left": {"irradiate": True}}, "unknown key", "did you mean 'irradiated'?"),
        ({"left": {"drainage": {"chinn": {"chin": 1}}}}, "no region of the face 'chinn'", "did you mean 'chin'?"),
        ({"left": {"drainage": {"chin": {"lip": 1}}}}, "no group of collectors 'lip'", "did you mean 'lips'?"),
        ({"left": {"drainage": {"chin": {"chin": 0.6}}}}, "sum to 0.6; all of it is 1", "correct the shares"),
        ({"left": {"drainage": {"chin": 0.6}}}, "where shares by group of collectors are needed", "chin: 0.6"),
        ({"left": {"drainage": "usual"}}, "where shares by region are needed", "chin: 0.6"),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(DocumentError) as caught:
        with_face(**said)
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)


def test_a_word_about_a_face_is_no_face() -> None:
    with pytest.raises(DocumentError, match="says nothing about a face"):
        load_person({"kind": "person", "version": 1, "person": WHO, "face": "tired"})


def test_names_are_there_once() -> None:
    for names in (FACE_REGIONS, FACE_CHAINS, FACE_NODES):
        assert len(set(names)) == len(names)
