"""Every way of getting a document wrong gives one clear message: what, where, what is allowed, what to try."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from venolymph.body.person import load_person
from venolymph.documents import LARGEST, parse
from venolymph.errors import DocumentError, UnitError
from venolymph.massage import load_session
from venolymph.regimen import load_regimen

Snapshot = Callable[[str, str], None]

PERSON = "kind: person\nversion: 1\nperson: {label: somebody, sex: female, age: 52 y, height: 168 cm, mass: 71 kg}\n"
REGIMEN = "kind: regimen\nversion: 1\nsteps:\n"


def leg(text: str) -> str:
    """A person's document whose left leg is as given."""
    return PERSON + "legs:\n  left:\n" + "".join(f"    {line}\n" for line in text.strip().splitlines())


def face(text: str) -> str:
    """A person's document whose face is as given."""
    return PERSON + f"face: {text}\n"


def steps(*lines: str) -> str:
    """A regimen of these steps."""
    return REGIMEN + "".join(f"  - {line}\n" for line in lines)


def on_face(*lines: str) -> str:
    """A regimen of these steps on a face."""
    return steps(*lines).replace("steps:", "body: face\nsteps:")


def who(**changes: str) -> str:
    """A person with other particulars."""
    values = {"label": "somebody", "sex": "female", "age": "52 y", "height": "168 cm", "mass": "71 kg"} | changes
    inside = ", ".join(f"{key}: {value}" for key, value in values.items() if value)
    return f"kind: person\nversion: 1\nperson: {{{inside}}}\n"


PEOPLE = {
    "unknown-key": PERSON + "smoker: true\n",
    "unknown-key-near": PERSON.replace("height", "hight"),
    "missing-key": who(sex=""),
    "unit-missing": who(height="168"),
    "unit-missing-text": who(height="'168'"),
    "unit-wrong": who(height="168 kg"),
    "unit-unknown": who(mass="71 kgs"),
    "decimal-comma": leg("veins:\n- at: great saphenous, thigh\n  diameter_standing: 5,9 mm"),
    "decimal-comma-in-braces": leg("veins:\n- {at: 'great saphenous, thigh', diameter_standing: 5,9 mm}"),
    "comma-of-two-readings": who().replace("mass: 71 kg", "mass: '1,250 kg'"),
    "not-a-quantity": who(height="tall"),
    "length-negative": who(height="-168 cm"),
    "length-in-wrong-unit": who(height="168 mm"),
    "length-not-finite": who(height="1e999 cm"),
    "age-missing-value": who(age="null"),
    "sex-unknown": who(sex="femal"),
    "mass-impossible": who(mass="250 kg", height="132 cm"),
    "label-not-text": who(label="[a, b]"),
    "kind-missing": PERSON.replace("kind: person\n", ""),
    "kind-unknown": PERSON.replace("kind: person", "kind: persn"),
    "kind-exchanged": steps("stand: {for: 1 min}"),
    "version-missing": PERSON.replace("version: 1\n", ""),
    "version-newer": PERSON.replace("version: 1", "version: 2"),
    "version-text": PERSON.replace("version: 1", "version: one"),
    "place-unknown": leg("reflux:\n- {at: great saphenus, leak: mild}"),
    "place-nowhere": leg("reflux:\n- {at: xyz, leak: mild}"),
    "place-without-valve": leg("reflux:\n- {at: vena cava, leak: mild}"),
    "segment-narrowed-unknown": leg("veins:\n- {at: iliac, narrowed: 0.4}"),
    "segment-ends-nowhere": leg("veins:\n- {at: 'tributary, medial calf', diameter_standing: 5 mm}"),
    "segment-added-twice": leg("veins:\n- {add: great saphenous, diameter_standing: 5 mm}"),
    "vein-without-place": leg("veins:\n- {diameter_standing: 5 mm}"),
    "vein-at-and-add": leg("veins:\n- {at: femoral, add: 'tributary, medial calf', diameter_standing: 5 mm}"),
    "vein-says-nothing": leg("veins:\n- {at: femoral}"),
    "vein-added-without-diameter": leg("veins:\n- {add: 'tributary, medial calf'}"),
    "diameter-negative": leg("veins:\n- {at: femoral, diameter_standing: -5 mm}"),
    "diameter-enormous": leg("veins:\n- {at: femoral, diameter_standing: 5 cm}"),
    "perforator-narrowed": leg("veins:\n- {at: 'perforator, Boyd', narrowed: 0.5}"),
    "narrowed-and-closed": leg("veins:\n- {at: femoral, narrowed: 0.5}\n- {at: femoral, narrowed: closed}"),
    "narrowed-and-wide": leg("veins:\n- {at: femoral, narrowed: 0.5, diameter_standing: 9 mm}"),
    "narrowed-word": leg("veins:\n- {at: femoral, narrowed: close}"),
    "narrowed-to-nothing": leg("veins:\n- {at: femoral, narrowed: 0}"),
    "wall-word": leg("veins:\n- {at: femoral, wall: stiff}"),
    "leak-word": leg("reflux:\n- {at: femoral, leak: sever}"),
    "leak-above-one": leg("reflux:\n- {at: femoral, leak: 1.5}"),
    "reflux-not-a-list": leg("reflux: {at: femoral, leak: mild}"),
    "reflux-twice": leg("reflux:\n- {at: femoral, leak: mild}\n- {at: femoral, leak: severe}"),
    "reflux-of-absent-tributary": leg("reflux:\n- {at: 'tributary, medial calf', leak: severe}"),
    "valve-absent-and-leaking": leg(
        "suprasaphenic_valve: absent\nreflux:\n- {at: 'common femoral, suprasaphenic valve', leak: mild}"
    ),
    "healthy-with-reflux": leg("healthy: true\nreflux:\n- {at: femoral, leak: mild}"),
    "ill-of-nothing": leg("disease_since: 12 y"),
    "ill-before-birth": leg("disease_since: 53 y\nreflux:\n- {at: great saphenous, leak: mild}"),
    "valve-reserve-none": leg("valve_reserve: 0.9"),
    "healthy-misspelt": PERSON + "legs: {left: helthy}\n",
    "ceap-not-one": leg("ceap: severe"),
    "ceap-c0-with-reflux": leg("ceap: C0\nreflux:\n- {at: femoral, leak: mild}"),
    "ceap-pn-with-reflux": leg("ceap: C2 Pn\nreflux:\n- {at: femoral, leak: mild}"),
    "ceap-pr-without-reflux": leg("ceap: C2s Ep As Pr"),
    "ceap-po-without-narrowing": leg("ceap: C5s Es Ad Po"),
    "ceap-c1-with-tributary": leg("ceap: C1\nveins:\n- {add: 'tributary, medial calf', diameter_standing: 5 mm}"),
    "ceap-in-two-ways": leg("ceap: C4A Ep"),
    "ceap-ulcer-and-intact-skin": leg("ceap: C2,6,s\nskin: intact"),
    "ceap-healed-ulcer-and-stains": leg("ceap: C5\nskin: pigmentation"),
    "ceap-skin-changes-and-dry-skin": leg("ceap: c4b,s ep\nskin: dry"),
    "ceap-mild-and-ulcer": leg("ceap: C2\nskin: ulcer"),
    "ceap-healed-and-ulcer": leg("ceap: C5\nskin: ulcer"),
    "ceap-mild-and-healed-ulcer": leg("ceap: C4b\nskin: healed ulcer"),
    "ceap-symptoms-and-none": leg("ceap: C2s\nsymptoms: [none]"),
    "ceap-no-symptoms-and-pain": leg("ceap: C2,A\nsymptoms: [heaviness, pain]"),
    "symptoms-none-and-others": leg("symptoms: [none, pain, heaviness]"),
    "symptoms-empty": leg("symptoms: []"),
    "symptom-unknown": leg("symptoms: [heavyness]"),
    "two-legs-named-the-same": PERSON + "legs:\n  left: healthy\n  left: {skin: intact}\n",
    "legs-as-a-list": PERSON + "legs: [healthy, healthy]\n",
    "third-leg": PERSON + "legs: {left: healthy, middle: healthy}\n",
    "measured-wrong-leg": PERSON + "measured:\n  - {VFI: 5.1 mL/s, leg: both}\n",
    "measured-nothing": PERSON + "measured:\n  - {leg: left}\n",
    "measured-measure-unknown": PERSON + "measured:\n  - {VIF: 5.1 mL/s}\n",
    "measured-unit-wrong": PERSON + "measured:\n  - {VFI: 5.1 mL}\n",
    "measured-unit-missing": PERSON + "measured:\n  - {VFI: 5.1}\n",
    "measured-unit-rare": PERSON + "measured:\n  - {greatest outflow: 30 mL}\n",
    "measured-error-none": PERSON + "measured:\n  - {VFI: 5.1 mL/s, error: 0 %}\n",
    "measured-error-negative": PERSON + "measured:\n  - {VFI: 5.1 mL/s, error: -0.3 mL/s}\n",
    "measured-error-unit": PERSON + "measured:\n  - {VFI: 5.1 mL/s, error: 0.3 mmHg}\n",
    "measured-key-unknown": PERSON + "measured:\n  - {VFI: 5.1 mL/s, lge: left}\n",
    "measured-two-at-once": PERSON + "measured:\n  - {VFI: 5.1 mL/s, VV: 90 mL}\n",
    "measured-posture-unknown": PERSON + "measured:\n  - {ankle pressure: 80 mmHg, posture: standing}\n",
    "measured-posture-its-own": PERSON + "measured:\n  - {VFI: 5.1 mL/s, posture: stand}\n",
    "measured-date-unclear": PERSON + "measured:\n  - {VFI: 5.1 mL/s, date: 03/02/2026}\n",
    "face-a-word": face("tired"),
    "face-key-unknown": face("{trogh: 1 mm}"),
    "face-tone-unknown": face("{typology_angle: olive}"),
    "face-tone-misspelt": face("{typology_angle: intermediat}"),
    "face-tone-without-unit": face("{typology_angle: 38}"),
    "face-tone-impossible": face("{typology_angle: 120 deg}"),
    "face-trough-enormous": face("{trough: 5 cm}"),
    "face-protein-impossible": face("{plasma_protein: -80 %}"),
    "face-sleeps-standing": face("{sleeps: standing}"),
    "face-symptoms-none-and-others": face("{symptoms: [none, pain]}"),
    "face-skin-unknown": face("{skin: inflammed}"),
    "face-nodes-unknown": face("{left: {operated: [upper deep]}}"),
    "face-nodes-not-a-list": face("{left: {operated: submental}}"),
    "face-shares-not-whole": face("{right: {drainage: {chin: {chin: 0.6}}}}"),
    "face-region-unknown": face("{right: {drainage: {chinn: {chin: 1}}}}"),
    "face-collectors-unknown": face("{right: {drainage: {chin: {lip: 1}}}}"),
    "several-mistakes": who(height="168", mass="71", age="52"),
}

REGIMENS = {
    "regimen-exchanged": PERSON,
    "steps-missing": "kind: regimen\nversion: 1\n",
    "steps-empty": "kind: regimen\nversion: 1\nsteps: []\n",
    "steps-not-a-list": "kind: regimen\nversion: 1\nsteps: {stand: {for: 1 min}}\n",
    "step-unknown": steps("stnd: {for: 1 min}"),
    "step-without-word": steps("{}"),
    "step-with-two-words": steps("{stand: {for: 1 min}, walk: {speed: 3 km/h, for: 1 min}}"),
    "step-key-unknown": steps("walk: {sped: 3 km/h, for: 1 min}"),
    "step-key-missing": steps("walk: {speed: 3 km/h}"),
    "step-not-a-mapping": steps("stand: 10 min"),
    "speed-too-fast": steps("walk: {speed: 12 km/h, for: 1 min}"),
    "speed-unit-wrong": steps("walk: {speed: 3 km, for: 1 min}"),
    "duration-unit-missing": steps("stand: {for: 10}"),
    "duration-negative": steps("stand: {for: -10 s}"),
    "duration-zero": steps("stand: {for: 0 s}"),
    "posture-too-fast": steps("lie: {for: 1 min}", "stand: {for: 1 min, over: 0.2 s}"),
    "posture-longer-than-step": steps("lie: {for: 1 min}", "stand: {for: 1 s, over: 2 s}"),
    "posture-step-too-short": steps("lie: {for: 1 min}", "stand: {for: 0.5 s}"),
    "table-too-fast": steps("tilt: {to: 0 deg, for: 1 min}", "tilt: {to: 60 deg, for: 1 min, over: 0.5 s}"),
    "tilt-beyond-upright": steps("tilt: {to: 120 deg, for: 1 min}"),
    "walking-while-lying": steps("lie: {for: 1 min}", "walk: {speed: 3 km/h, for: 1 min}"),
    "tiptoes-while-sitting": steps("sit: {for: 1 min}", "tiptoes: {count: 10}"),
    "tiptoes-part": steps("tiptoes: {count: 2.5}"),
    "tiptoes-none": steps("tiptoes: {count: 0}"),
    "tiptoes-too-slow-for-rate": steps("tiptoes: {count: 10, rate: 60 /min, rise: 0.4 s, hold: 2 s}"),
    "rest-sitting-legs-raised": steps("rest: {posture: sitting, legs_raised: 15 deg, for: 1 min}"),
    "lie-pillow-enormous": steps("lie: {pillow: 80 cm, for: 1 min}"),
    "lie-on-what": steps("lie: {on: belly, for: 1 min}"),
    "lie-head-up-and-down": steps("lie: {head_up: 30 deg, head_down: 6 deg, for: 1 min}"),
    "lie-on-side-legs-raised": steps("lie: {on: left, legs_raised: 15 deg, for: 1 min}"),
    "lie-on-front-head-up": steps("lie: {on: front, head_up: 30 deg, for: 1 min}"),
    "rest-on-side": steps("rest: {on: left, for: 1 min}"),
    "rest-sitting-pillow": steps("rest: {posture: sitting, pillow: 8 cm, for: 1 min}"),
    "breathe-nothing": steps("breathe: {rate: 6 /min}"),
    "breathe-both": steps("breathe: {deep: 5, quiet: 5}"),
    "cuff-place-unknown": steps("cuff: {at: arm, pressure: 80 mmHg}"),
    "cuff-pressure-enormous": steps("cuff: {at: calf, pressure: 80 kPa}"),
    "valsalva-too-long": steps("valsalva: {pressure: 40 mmHg, for: 5 min}"),
    "skin-scalding": steps("skin: {temperature: 60 degC}"),
    "massage-unknown": steps("massage: leg-masage"),
    "massage-standing": steps("stand: {for: 1 min}", "massage: leg-massage"),
    "massage-one-stroke-wrong": steps("massage: {stroke: pump, at: inner thigh, toward: belly, pressure: 30}"),
    "massage-other-leg": "kind: regimen\nversion: 1\nbody: leg.left\nsteps:\n  - massage: {body: leg.right, like: "
    "leg-massage}\n",
    "garment-unknown": steps("wear: {garment: sock}"),
    "garment-by-name-unknown": steps("wear: stocking-class-one"),
    "garment-class-unknown": steps("wear: {garment: stocking, class: RAL 1}"),
    "garment-without-class": steps("wear: {garment: stocking, up_to: knee}"),
    "garment-of-two-kinds": steps("wear: {garment: bandage, class: RAL I}"),
    "garment-works-less": steps("wear: {garment: bandage, resting: 40 mmHg, working: 30 mmHg}"),
    "garment-no-such-part": steps("wear: {garment: profile, pressure: {arm: 20 mmHg}}"),
    "garment-on-the-arm": steps("wear: {garment: stocking, class: RAL I, on: arm}"),
    "garment-on-a-leg-not-there": "kind: regimen\nversion: 1\nbody: leg.left\nsteps:\n  - stand: {for: 1 min}\n"
    "  - wear: {garment: stocking, class: RAL I, on: right}\n",
    "garment-over-garment": steps("wear: stocking-class-1", "wear: stocking-class-2", "stand: {for: 1 min}"),
    "garment-not-worn": steps("stand: {for: 1 min}", "remove: {garment: bandage}"),
    "garment-steps-wrong": steps("wear: {garment: stocking, class: RAL I, steps: [stand: {for: 10}]}"),
    "sleeve-overlaps": steps(
        "sleeve: {chambers: [{over: [foot, ankle], pressure: 45 mmHg}, {over: [ankle, calf], pressure: 40 mmHg}], "
        "for: 30 min}"
    ),
    "sleeve-shorter-than-its-cycle": steps("sleeve: {chambers: [{over: calf, pressure: 45 mmHg}], for: 20 s}"),
    "sleeve-pressure-without-unit": steps("sleeve: {chambers: [{over: calf, pressure: 45}], for: 30 min}"),
    "longer-than-a-year": steps("regimen: {times: 400, steps: [lie: {for: 24 h}]}"),
    "nested-too-many-steps": steps("regimen: {times: 1000, steps: [regimen: {times: 1000, steps: [sit: {for: 1 s}]}]}"),
    "nested-unknown": steps("regimen: nigth"),
    "nested-step-wrong": steps("regimen: {steps: [lie: {for: 1 min}, walk: {speed: 3 km/h, for: 1 min}]}"),
    "nested-nothing": steps("regimen: {times: 2}"),
    "nested-itself": steps("stand: {for: 1 min}", "regimen: regimen.yaml"),
    "measure-nothing": steps("stand: {for: 1 min}", "measure: []"),
    "takes-no-time": steps("measure: [VFI]"),
    "purpose-unknown": "kind: regimen\nversion: 1\npurpose: treatmnt\nsteps:\n  - stand: {for: 1 min}\n",
    "face-walks": on_face("stand: {for: 1 min}", "walk: {speed: 3 km/h, for: 1 min}"),
    "face-wears": on_face("wear: stocking-class-1", "lie: {for: 1 min}"),
    "face-session-of-the-leg": on_face("lie: {for: 1 min}", "massage: leg-massage"),
    "face-tracer-in-the-foot": on_face("inject: {tracer: large, at: foot}", "lie: {for: 1 min}"),
    "face-salt-that-thickens": on_face("salt: {protein: 8 %}", "lie: {for: 1 min}"),
    "leg-salt": steps("lie: {for: 1 min}", "salt: {protein: -8 %}"),
    "leg-cries": steps("lie: {for: 1 min}", "cry: {for: 20 min}"),
    "body-unknown": "kind: regimen\nversion: 1\nbody: arm\nsteps:\n  - stand: {for: 1 min}\n",
}


def session(*lines: str, body: str = "leg", head: str = "") -> str:
    """A session of these steps."""
    text = f"kind: session\nversion: 1\nbody: {body}\n{head}steps:\n"
    return text + "".join(f"  - {line}\n" for line in lines)


def stroke(at: str = "at: inner thigh", more: str = "", kind: str = "pump") -> str:
    """One step of a session."""
    return f"massage: {{stroke: {kind}, {at}, toward: superficial inguinal nodes{more}}}"


SESSIONS = {
    "session-without-steps": "kind: session\nversion: 1\n",
    "session-exchanged": steps("stand: {for: 1 min}"),
    "session-step-unknown": session("stand: {for: 1 min}"),
    "session-like-nothing": "kind: session\nversion: 1\nlike: leg-masage\n",
    "session-like-and-steps": session("rest: {for: 1 min}", head="like: leg-massage\n"),
    "session-changed-alone": session("rest: {for: 1 min}", head="changed: {stretch: 0}\n"),
    "session-region-unknown": session("rest: {for: 1 min}", head="screening: legs\n"),
    "stroke-unknown": session(stroke(kind="pummp")),
    "stroke-place-unknown": session(stroke("at: inner thight")),
    "stroke-place-lacking": session(stroke("at: cheek")),
    "stroke-place-of-the-leg-on-a-face": session(stroke(), body="face"),
    "stroke-on-the-heart": session(stroke("at: the heart")),
    "stroke-path-jumps": session(stroke("along: [toes, shin]")),
    "stroke-place-and-path": session(stroke("at: calf, along: [calf, inner calf]")),
    "stroke-without-place": session("massage: {stroke: pump, toward: the heart}"),
    "stroke-without-direction": session("massage: {stroke: pump, at: calf}"),
    "stroke-pressure-without-unit": session(stroke(more=", pressure: 30")),
    "stroke-pressure-damages": session(stroke(more=", pressure: 70 mmHg")),
    "stroke-pressure-damages-without-reason": session(stroke(more=", pressure: 80 mmHg"), head="purpose: experiment\n"),
    "stroke-too-many-for-its-time": session(stroke(more=", repeat: 7, sets: 3, spots: 4, for: 1 min")),
    "stroke-repeat-none": session(stroke(more=", repeat: 0")),
    "stroke-glides-in-spots": session(stroke(kind="effleurage", more=", spots: 3")),
}

FILES: dict[str, bytes] = {
    "file-empty": b"",
    "file-only-comment": b"# nothing here\n",
    "file-list": b"- a\n- b\n",
    "file-text": b"a leg\n",
    "file-binary": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "file-latin": "kind: person\nlabel: Müller\n".encode("latin-1"),
    "file-control-characters": b"kind: person\nlabel: a\x07b\n",
    "file-not-yaml": b"kind: person\nperson: {label: somebody\nlegs: healthy\n",
    "file-tabs": b"kind: person\n\tversion: 1\n",
    "file-two-documents": b"kind: person\n---\nkind: person\n",
    "file-key-twice": b"kind: person\nversion: 1\nversion: 1\n",
    "file-key-a-list": b"kind: person\n? [a, b]\n: c\n",
    "file-anchors": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "file-billion-laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)),
    "file-python-object": b"kind: !!python/object/apply:os.system ['true']\n",
    "file-tag-bool": b"kind: person\nversion: 1\nhurts: !!bool yes\n",
    "file-tag-int": b"kind: person\nversion: !!int 0x1\n",
    "file-tag-nothing": b"kind: person\nversion: !!null 1\n",
    "file-tag-of-another-shape": b"kind: !!str [person]\n",
    "file-tag-unknown": b"kind: !foo person\n",
    "file-kind-a-list": b"kind: [a]\nversion: 1\n",
    "file-kind-a-mapping": b"kind: {a: b}\nversion: 1\n",
    "file-version-a-list": b"kind: person\nversion: [1]\n",
    "file-deep": b"kind: " + b"[" * 5000 + b"]" * 5000 + b"\n",
    "file-deep-blocks": b"".join(b" " * n + b"a:\n" for n in range(300)),
    "file-many-entries": b"kind: person\nlegs: [" + b"0," * 30_000 + b"0]\n",
}


def refusal(read: Callable[[str], object], name: str) -> str:
    """The message that reading a document gives, with the kind of error in front."""
    with pytest.raises(DocumentError) as caught:
        read(name)
    assert caught.value.place, "an error says where"
    assert caught.value.hint, "an error says what to try"
    return f"{type(caught.value).__name__}\n{caught.value}"


@pytest.mark.parametrize("case", PEOPLE)
def test_person(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    Path("person.yaml").write_text(PEOPLE[case], encoding="utf-8")
    snapshot(case, refusal(load_person, "person.yaml"))


@pytest.mark.parametrize("case", REGIMENS)
def test_regimen(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    Path("regimen.yaml").write_text(REGIMENS[case], encoding="utf-8")
    snapshot(case, refusal(load_regimen, "regimen.yaml"))


@pytest.mark.parametrize("case", SESSIONS)
def test_session(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    Path("session.yaml").write_text(SESSIONS[case], encoding="utf-8")
    snapshot(case, refusal(load_session, "session.yaml"))


TAGS = {
    "!!bool true": True,
    "!!bool 'false'": False,
    "!!int 12": 12,
    "!!float 1": 1.0,
    "!!str no": "no",
    "!!null": None,
}


@pytest.mark.parametrize("written", TAGS)
def test_tags_of_plain_kinds_are_what_they_say(written: str) -> None:
    found = parse(f"a: {written}\n")[0]["a"]
    assert found == TAGS[written]
    assert type(found) is type(TAGS[written])


@pytest.mark.parametrize("kind", ["bool", "int", "float", "null"])
@pytest.mark.parametrize(
    "value", ["yes", "on", "Yes", "y", "no", "0x1F", "1_0", "0b1", "\u0663", "nan", ".inf", "1:30", "a"]
)
def test_tags_never_make_another_value(kind: str, value: str) -> None:
    with pytest.raises(DocumentError, match="is not of the kind"):
        parse(f"a: !!{kind} {value}\n")


@pytest.mark.parametrize("case", FILES)
def test_file(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    Path("person.yaml").write_bytes(FILES[case])
    snapshot(case, refusal(load_person, "person.yaml"))


def test_enormous_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    with Path("person.yaml").open("wb") as file:
        file.truncate(2_000_000_000)
    with monkeypatch.context() as during:
        during.setattr(Path, "open", lambda *_, **__: pytest.fail("the file was opened"))
        message = refusal(load_person, "person.yaml")
    snapshot("file-enormous", message)


def test_largest_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "person.yaml"
    path.write_text(PERSON + "#" * (LARGEST - len(PERSON)), encoding="utf-8")
    assert load_person(path).label == "somebody"


def test_missing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    Path("person.yaml").write_text(PERSON, encoding="utf-8")
    snapshot("file-missing", refusal(load_person, "persn.yaml"))


def test_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    Path("person.yaml").mkdir()
    snapshot("file-folder", refusal(load_person, "person.yaml"))


@pytest.mark.parametrize(
    ("read", "name"), [(load_person, "mild-varicos"), (load_regimen, "posture-and-wlak"), (load_session, "leg-masage")]
)
def test_packaged_name(read: Callable[[str], object], name: str, snapshot: Snapshot) -> None:
    snapshot(f"packaged-{name}", refusal(read, name))


def test_a_session_in_place_of_a_regimen_is_told_how_to_do_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("kind: session\nversion: 1\nsession: mine\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="a document of kind 'regimen' is needed here") as told:
        load_regimen(tmp_path / "mine.yaml")
    assert "`massage:` with the path of this file" in str(told.value)


def test_unit_errors_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "person.yaml"
    path.write_text(PEOPLE["unit-missing"], encoding="utf-8")
    with pytest.raises(UnitError):
        load_person(path)


def test_every_snapshot_is_used() -> None:
    folder = Path(__file__).parent / "snapshots"
    others = {
        "file-enormous",
        "file-missing",
        "file-folder",
        "packaged-mild-varicos",
        "packaged-posture-and-wlak",
        "packaged-leg-masage",
    }
    assert {path.stem for path in folder.glob("*.txt")} == {*PEOPLE, *REGIMENS, *SESSIONS, *FILES, *others}
