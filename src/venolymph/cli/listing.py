"""What there is: packaged people, what can be done with them, what can be read, and the figures with their sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from venolymph.cli.output import say, show_json, show_table, show_text
from venolymph.numbers import span

if TYPE_CHECKING:
    from venolymph.body.person_face import Face
    from venolymph.body.person_leg import Leg, Lymph
    from venolymph.compression import Garment
    from venolymph.steps.step import Step

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def people(as_json: Json = False) -> None:
    """List the packaged people."""
    from venolymph.body.person import load_person, packaged_people

    found = []
    for name, path in packaged_people().items():
        who = load_person(name)
        found.append(
            {
                "name": name,
                "sex": who.sex,
                "age": str(who.person.age),
                "height": str(who.person.height),
                "mass": str(who.person.mass),
                "legs": {"left": _leg(who.legs.left), "right": _leg(who.legs.right)},
                "face": _face(who.face),
                "file": str(path),
            }
        )
    if as_json:
        show_json(found)
        return
    rows = [
        [
            one["name"],
            f"{one['sex']}, {one['age']}, {one['height']}, {one['mass']}",
            one["legs"]["left"],
            one["legs"]["right"],
            one["face"],
        ]
        for one in found
    ]
    show_table(["person", "who", "left leg", "right leg", "face"], rows, fold=("left leg", "right leg", "face"))


def _leg(leg: Leg) -> str:
    """What is unusual about a leg, in a line."""
    if leg.healthy:
        return "healthy"
    parts = [str(leg.classification)] if leg.classification else []
    if leg.reflux:
        parts.append("reflux in " + _veins(entry.at for entry in leg.reflux))
    added = sum(vein.add is not None for vein in leg.veins)
    if added:
        parts.append(f"{added} added {'vein' if added == 1 else 'veins'}")
    if changed := _veins(vein.at for vein in leg.veins if vein.at is not None):
        parts.append(f"changed: {changed}")
    return "; ".join(parts + _lymph(leg.lymph)) or "not healthy"


def _face(face: Face | None) -> str:
    """What is stated of a face, in a line; nothing where nothing is."""
    stated = {} if face is None or face.healthy else face.document()
    parts = [f"{key.replace('_', ' ')} {value}" for key, value in stated.items() if not isinstance(value, list | dict)]
    for side in ("left", "right"):
        if operated := stated.get(side, {}).get("operated"):
            parts.append(f"{side} without {', '.join(operated)}")
    return "; ".join(parts)


def _veins(places: Iterable[str]) -> str:
    """Veins without their parts, each once."""
    several = {"tributary": "tributaries", "perforator": "perforators"}
    whole = (place.split(",")[0] for place in places)
    return ", ".join(dict.fromkeys(several.get(vein, vein) for vein in whole))


def _lymph(lymph: Lymph | None) -> list[str]:
    """What is unusual about the lymph and the tissue fluid of a leg."""
    if lymph is None:
        return []
    parts = []
    for share, what in ((lymph.contractility, "strength of lymph vessels"), (lymph.collectors, "lymph vessels")):
        if share is not None:
            parts.append(f"{what} x {share:g}")
    if lymph.valve_leak is not None:
        parts.append(f"leak of their valves {lymph.valve_leak:g}")
    if lymph.removed_nodes:
        parts.append(f"without the nodes {', '.join(lymph.removed_nodes)}")
    if lymph.swelling is not None:
        parts.append(f"tissue fluid x {lymph.swelling:g}")
    return parts


def regimens(as_json: Json = False) -> None:
    """List what can be done by name: regimens, sessions of massage, garments, and how long each takes."""
    from venolymph import compression

    found = _regimens()
    if as_json:
        show_json(found)
        return
    shown = {
        kind: [[one["name"], span(one["takes_s"]), one["about"], *more(one)] for one in found if one["kind"] == kind]
        for kind, more in (
            ("regimen", lambda one: [", ".join(one["measures"])]),
            ("session", lambda one: [one["purpose"]]),
            ("garment", lambda _: []),
        )
    }
    about = "what is done"
    show_table(["regimen", "takes", about, "what is read"], shown["regimen"], fold=(about, "what is read"))
    print()
    show_table(["session of massage", "takes", "school", "purpose"], shown["session"])
    print()
    pressure = "what it is, and its pressure at the ankle"
    show_table(["garment", "takes", pressure], shown["garment"], fold=(pressure,))
    show_text(
        "\nSessions and garments are regimens too: lying down for that session, lying in that garment. So is a class "
        f"of stockings, to the knee: {', '.join(compression.CLASSES)}."
    )


def _regimens() -> list[dict[str, Any]]:
    """Everything that is a regimen by its name, as `--json` shows it."""
    from venolymph import compression
    from venolymph.massage.session import load_session, packaged_sessions
    from venolymph.regimen.loading import load_regimen, packaged_regimens

    found: list[dict[str, Any]] = []
    for name, path in packaged_regimens().items():
        what = load_regimen(name)
        steps = [step for step in what.steps if step.word != "measure"]
        words = [step.word for step in steps]
        about = {"about": _told(map(_done, steps)), "steps": words, "measures": list(what.measures)}
        found.append({"name": name, "kind": "regimen", "takes_s": what.lasts, **about, "file": str(path)})
    for name, path in packaged_sessions().items():
        session = load_session(name)
        about = {"about": session.school or "", "purpose": session.purpose}
        found.append({"name": name, "kind": "session", "takes_s": session.seconds, **about, "file": str(path)})
    for name, document in compression.packaged_garments().items():
        about = {"about": _pressing(compression.load_garment(name)), "garment": document}
        found.append({"name": name, "kind": "garment", "takes_s": load_regimen(name).lasts, **about})
    return found


def _done(step: Step) -> str:
    """What is done in a step, with what is done inside it."""
    from venolymph.regimen.loading import Nested

    if not isinstance(step, Nested):
        return step.word
    inner = step.name or _told(one.word for one in step.steps)
    return inner if step.times == 1 else f"{step.times} times ({inner})"


def _pressing(garment: Garment) -> str:
    """What a garment is and how hard it presses at the ankle."""
    from venolymph.compression import ankle_pressure

    reach = f"{garment.garment} to the {garment.up_to or 'knee'}"
    if garment.class_ is not None:
        of = ankle_pressure(garment.class_)
        return f"{reach}, class {of.name}: {of.low:g} to {of.high:g} mmHg"
    rest, work = garment.pressure_at("ankle"), garment.pressure_at("ankle", working=True)
    return f"{reach}: {rest:g} mmHg at rest, {work:g} mmHg while muscles work"


def _told(words: Iterable[str]) -> str:
    """Words in a row, repeated ones once: `lie, stand, tiptoes x 2`."""
    told: list[tuple[str, int]] = []
    for word in words:
        if told and told[-1][0] == word:
            told[-1] = (word, told[-1][1] + 1)
        else:
            told.append((word, 1))
    return ", ".join(word if count == 1 else f"{word} x {count}" for word, count in told)


def measures(as_json: Json = False) -> None:
    """List the measures, with the manoeuvre that each needs."""
    from venolymph import measures as instruments
    from venolymph.numbers import range_text

    found = []
    for one in instruments.measures().values():
        found.append(
            {
                "name": one.name,
                "aliases": list(one.aliases),
                "unit": one.unit,
                "instrument": one.instrument,
                "description": one.description,
                "manoeuvre": _manoeuvre(one.manoeuvre),
                "differentiable": one.differentiable,
                "published": [
                    {"low": it.low, "high": it.high, "population": it.population, "source": it.source}
                    for it in one.published
                ],
            }
        )
    if as_json:
        show_json(found)
        return
    rows = [
        [
            ", ".join([one["name"], *one["aliases"]]),
            one["unit"],
            one["manoeuvre"] or "any run",
            "; ".join(range_text(it["low"], it["high"], "") for it in one["published"]),
            one["description"],
        ]
        for one in found
    ]
    show_table(
        ["measure", "unit", "needs", "published", "what it is"], rows, fold=("measure", "published", "what it is")
    )


def _manoeuvre(given: Any) -> str | None:
    """Name of the regimen that a measure performs."""
    if given is None or isinstance(given, str):
        return given
    return str(given.get("regimen", "a regimen of its own"))


def sources(
    assumed: Annotated[bool, typer.Option("--assumed", help="Only the guesses.")] = False,
    as_json: Json = False,
) -> None:
    """List every figure that the model uses, with its source."""
    from venolymph import figures

    books = figures.references()
    chosen = [one for one in figures.load().values() if not assumed or one.basis == "assumed"]
    if as_json:
        show_json(
            [
                {
                    "key": one.key,
                    "value": one.value,
                    "unit": one.unit,
                    "low": one.low,
                    "high": one.high,
                    "sd": one.sd,
                    "basis": one.basis,
                    "population": one.population,
                    "source": one.source,
                    "reference": str(books[one.source]) if one.source in books else None,
                    "range_reference": None if one.range_source is None else str(books[one.range_source]),
                    "note": one.note,
                }
                for one in chosen
            ]
        )
        return
    rows = [
        [
            one.key,
            f"{one.value:g}{'' if one.unit == '1' else ' ' + one.unit}",
            "" if one.low is None or one.high is None else f"{one.low:g} to {one.high:g}",
            one.basis,
            one.source,
            one.population,
        ]
        for one in chosen
    ]
    show_table(["figure", "value", "range", "basis", "source", "population"], rows, fold=("figure", "population"))
    counts = Counter(one.basis for one in chosen)
    told = ", ".join(f"{counts[basis]} {basis}" for basis in get_args(figures.Basis) if counts[basis])
    say(f"{len(chosen)} figures: {told}; the sources in full with --json")
