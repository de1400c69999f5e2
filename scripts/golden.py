"""Golden runs: small results of short runs that are kept, so that a change of the code that changes results is seen.

    python scripts/golden.py                    compares today's results with those that are kept
    python scripts/golden.py --promote REASON   keeps today's, and writes into the log what changed, and why
    python scripts/golden.py --sensitivity      how far results move where lumens change by 1e-12 of themselves

Four people go through five regimens; pressure, volume, flow, valves, tissue fluid and uptake are kept at a dozen times
in some places, and three derivatives. `tests/golden/` compares. On the machine and with the versions that they were
made with: bit for bit. Elsewhere the compiler fuses other operations, so that results differ by rounding, and Newton
now and then stops an iteration sooner or later, which moves a result by up to a millionth. So each run is made a second
time with Newton going on to `SHARP`, and elsewhere these are compared, to `ELSEWHERE` of each array's scale.

Valves, veins that collapse and above all lymph vessels that begin to contract enlarge what rounding does as time goes
on. Runs are short, and those with tissue begin lying, so that it stays below the limits; `--sensitivity` shows it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest.mock import patch

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import venolymph as vl
from venolymph.simulation import one_phase

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "golden"
KEPT = FOLDER / "golden.npz"
LOG = FOLDER / "PROMOTIONS.md"
TITLE = """# Promotions of golden runs

What was kept anew, when and why, by `python scripts/golden.py --promote REASON`. Changes are of the scale of each
array, which is its largest absolute value.
"""
SHARP = 1e-11
"""What Newton may leave missing in a cell in runs that are compared between machines, mL."""
SHARP_LYMPH = 1e-12
"""The same of lymph, relative to the volume of each cell, 1."""
ELSEWHERE = 1e-9
"""How far these may lie from those of another machine, 1 (of an array's scale)."""
LOOSER = {"valve_opening": 1e-7, "slopes": 1e-7}
"""Limits of what moves further: leaflets in the middle of closing, and derivatives (as seen by `--sensitivity`)."""
IRREGULAR = {"lymphoedema, stocking": 1e-3}
"""The limit of a case in which rounding grows at once: the lymph vessels of this leg contract irregularly as it hangs,
and lymph formed moves by up to a ten-thousandth."""
NUDGE = 1e-12
"""By how much of itself each lumen is changed to see how far results move."""
MOMENTS = 12
"""Times at which results are kept."""
WORST = 12
"""Changes that the log tells of."""
REASON = "golden runs of the project"

PEOPLE = ("healthy", "mild-varicose", "deep-reflux", "lymphoedema")
STROKES = {
    "stroke": "pump",
    "at": ["inner calf"],
    "toward": "superficial inguinal nodes",
    "repeat": 5,
    "sets": 1,
    "spots": 2,
    "for": "20 s",
}
REGIMENS: dict[str, list[Any]] = {
    "lying to standing": [{"lie": {"for": "5 s"}}, {"stand": {"for": "20 s"}}],
    "tiptoes": [{"stand": {"for": "5 s"}}, {"tiptoes": {"count": 3, "rate": "60 /min"}}, {"stand": {"for": "5 s"}}],
    "walking": [{"stand": {"for": "5 s"}}, {"walk": {"speed": "3 km/h", "for": "6 s"}}, {"stand": {"for": "5 s"}}],
    "massage": [{"lie": {"for": "10 s"}}, {"massage": STROKES}],
    "stocking": [
        {"lie": {"for": "5 s"}},
        {"wear": {"garment": "stocking", "class": "RAL II", "steps": [{"sit": {"for": "10 s"}}]}},
    ],
}
WITH_TISSUE = ("massage", "stocking")
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "pressure": (
        "cell",
        (
            "plantar [1]",
            "posterior tibial [1]",
            "popliteal [1]",
            "femoral [3]",
            "soleal sinuses, low",
            "muscle venules, gastrocnemius",
            "great saphenous, calf [1]",
            "great saphenous, thigh [5]",
            "tributary, medial calf [1]",
            "vena cava [2]",
            "other leg: calf deep [1]",
        ),
    ),
    "flow": (
        "face",
        (
            "posterior tibial [4] -> posterior tibial [5]",
            "femoral [3] -> femoral [4]",
            "soleal sinuses, low -> posterior tibial [4]",
            "great saphenous, calf [4] -> great saphenous, calf [5]",
            "great saphenous, junction -> common femoral [2]",
            "small saphenous [9] -> popliteal [2]",
            "perforator, Cockett middle",
            "vena cava [4] -> right atrium",
        ),
    ),
    "valve_opening": (
        "valve",
        (
            "posterior tibial, valve 4",
            "femoral, valve 1",
            "gastrocnemius veins, outlet valve",
            "great saphenous, thigh, valve 3",
            "great saphenous, terminal valve",
            "perforator, Cockett middle",
        ),
    ),
    "tissue_volume": (
        "compartment",
        ("foot, front [1]", "ankle, medial [2]", "calf, medial [3]", "thigh, front [4]", "calf, muscle"),
    ),
    "uptake": ("initial", ("foot, front [1]", "ankle, medial [2]", "calf, medial [3]", "thigh, front [4]")),
}
"""For each quantity the dimension of places, and the places that are kept."""
PLACES["volume"] = PLACES["pressure"]

Results = dict[str, np.ndarray]


@dataclass(frozen=True)
class Difference:
    """How an array differs from what is kept.

    Attributes:
        name: of the array.
        numbers: how many of its numbers differ.
        of: how many it has.
        largest: largest absolute difference.
        share: that as a share of the scale (the largest absolute number that is kept).
        told: in words.
    """

    name: str
    numbers: int
    of: int
    largest: float
    share: float
    told: str


def run_results(person: str, regimen: str, nudge: float = 0.0) -> Results:
    """What is kept of one person's run through one regimen, as users get it and solved more exactly."""
    plain = _of_run(person, regimen, nudge)
    with patch.object(one_phase, "TOLERANCE", SHARP), patch.object(one_phase, "LYMPH_TOLERANCE", SHARP_LYMPH):
        sharp = _of_run(person, regimen, nudge)
    return plain | {f"sharp {name}": values for name, values in sharp.items()}


def _of_run(person: str, regimen: str, nudge: float) -> Results:
    parameters = None if not nudge else _nudged(vl.parameters(person).tree, nudge)
    run = vl.simulate(
        person, REGIMENS[regimen], parameters=parameters, tissue=regimen in WITH_TISSUE, research_override=REASON
    )
    if run.status[0].code != "ok":
        raise RuntimeError(f"{person}, {regimen}: {run.status[0]}")
    data = run.dataset().isel(member=0)
    results = {}
    for quantity, (dimension, places) in PLACES.items():
        if quantity not in data:
            continue
        values = data[quantity]
        index = data.indexes[dimension].get_indexer(list(places))
        if min(index) < 0:
            raise RuntimeError(f"no {dimension} is named {places[int(np.argmin(index))]!r} any longer")
        moments = np.linspace(0, values.shape[0] - 1, MOMENTS).round().astype(int)
        results[quantity] = np.asarray(values.transpose(values.dims[0], dimension), np.float64)[moments][:, index]
    moments = np.linspace(0, len(run.time) - 1, MOMENTS).round().astype(int)
    return results | {"time": np.asarray(run.time, np.float64)[moments]}


def _nudged(tree: Any, nudge: float) -> Any:
    return eqx.tree_at(lambda p: p.cells.unstressed_area, tree, replace_fn=lambda area: area * (1.0 + nudge))


STANDING = [
    {"stand": {"for": "4 s"}},
    {"tiptoes": {"count": 1, "rate": "60 /min"}},
    {"stand": {"for": "1 s"}},
]


def _readings(factors: Any, mode: Any, nudge: float) -> Any:
    """Readings of a mildly varicose leg with walls, valves and lumens multiplied by these factors."""
    wall, valve, lumen = factors
    tree = _nudged(vl.parameters("mild-varicose").tree, nudge)
    tree = eqx.tree_at(
        lambda p: (p.cells.collagen_stiffness, p.valves.closing_time, p.cells.unstressed_area),
        tree,
        (
            tree.cells.collagen_stiffness * wall,
            tree.valves.closing_time * valve,
            tree.cells.unstressed_area * lumen,
        ),
    )
    names = ["ankle pressure", "blood volume in calf"]
    found = vl.predict("mild-varicose", STANDING, names, tree, mode=mode)
    return jnp.stack([found[name][0] for name in names])


def reverse_slopes(nudge: float = 0.0) -> Results:
    """Derivatives of a pressure at the ankle by walls, valves and lumens, in reverse."""
    return {"slopes": np.asarray(jax.grad(lambda x: _readings(x, "reverse", nudge)[0])(jnp.ones(3)))}


def forward_slopes(nudge: float = 0.0) -> Results:
    """Derivatives of readings of veins by the wall, forward."""
    along = jnp.array([1.0, 0.0, 0.0])
    values, slopes = jax.jvp(lambda x: _readings(x, "forward", nudge), (jnp.ones(3),), (along,))
    return {"readings": np.asarray(values), "slopes": np.asarray(slopes)}


def tissue_slopes(nudge: float = 0.0) -> Results:
    """Derivatives of readings of tissue and lymph by what capillaries let through, forward, in a massage."""
    names = ["lymph formed", "tissue fluid balance", "tissue water in calf"]
    body = vl.leg_body(vl.load_person("healthy"))
    tissue = vl.tissue_of([body])
    veins = _nudged(body.parameters, nudge)

    def readings(factor: Any) -> Any:
        own = eqx.tree_at(lambda p: p.beds.filtration, tissue.parameters, replace_fn=lambda value: value * factor)
        found = vl.predict(
            body,
            REGIMENS["massage"],
            names,
            veins,
            mode="forward",
            tissue=replace(tissue, parameters=own),
            research_override=REASON,
        )
        return jnp.stack([found[name][0] for name in names])

    values, slopes = jax.jvp(readings, (1.0,), (1.0,))
    return {"readings": np.asarray(values), "slopes": np.asarray(slopes)}


DERIVATIVES: dict[str, Callable[..., Results]] = {
    "derivatives in reverse": reverse_slopes,
    "derivatives forward": forward_slopes,
    "derivatives of tissue": tissue_slopes,
}
CASES = {
    f"{person}, {regimen}": partial(run_results, person, regimen) for regimen in REGIMENS for person in PEOPLE
} | DERIVATIVES
"""What is computed, by name."""


def results(case: str, nudge: float = 0.0) -> Results:
    """Arrays of one case, by name; a nudge changes each lumen by that much of itself."""
    return {f"{case}: {name}": values for name, values in CASES[case](nudge=nudge).items()}


def machine() -> dict[str, str]:
    """What decides about the last bit of a result, besides the code."""
    processor = Path("/proc/cpuinfo")
    lines = processor.read_text("utf-8").splitlines() if processor.exists() else []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    features = told.get("flags", told.get("Features", ""))
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": told.get("model name", platform.processor()),
        "features": hashlib.sha256(features.encode()).hexdigest()[:12],
        "cores": str(os.cpu_count()),
        "device": jax.devices()[0].device_kind,
        "flags": os.environ.get("XLA_FLAGS", ""),
        "jax": jax.__version__,
        "jaxlib": metadata.version("jaxlib"),
        "numpy": np.__version__,
    }


def load(path: Path = KEPT) -> tuple[Results, dict[str, str]]:
    """What is kept, and the machine that it was made on."""
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files}
    return kept, json.loads(str(kept.pop("machine")))


def save(new: Results, path: Path = KEPT) -> None:
    """Keep results, with the machine that they were made on."""
    arrays: dict[str, Any] = {**dict(sorted(new.items())), "machine": np.array(json.dumps(machine()))}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def limit(name: str, here: bool) -> float:
    """What an array may differ by, as a share of its largest absolute number; 0 for bit for bit.

    Args:
        name: of the array.
        here: whether it is compared on the machine that what is kept was made on.
    """
    if here:
        return 0.0
    case, _, array = name.partition(": ")
    if case in CASES and case not in DERIVATIVES and not array.startswith("sharp "):
        return np.inf
    return IRREGULAR.get(case, LOOSER.get(array.removeprefix("sharp "), ELSEWHERE))


def compare(kept: Mapping[str, np.ndarray], new: Mapping[str, np.ndarray], here: bool = True) -> list[Difference]:
    """Arrays that differ, the most changed first.

    Args:
        kept: arrays by name.
        new: those of today.
        here: whether they were made on the same machine, and have to be the same bit for bit.
    """
    found = []
    for name in kept.keys() | new.keys():
        if name not in kept or name not in new:
            told = "not kept yet" if name in new else "no longer computed"
            found.append(Difference(name, 0, 0, np.inf, np.inf, told))
            continue
        old, today = kept[name], new[name]
        if old.shape != today.shape:
            found.append(Difference(name, 0, old.size, np.inf, np.inf, f"shape {today.shape}, kept {old.shape}"))
            continue
        gap = np.abs(today - old)
        gap = np.where(np.isnan(gap), np.where(np.isnan(today) & np.isnan(old), 0.0, np.inf), gap)
        scale = float(np.nanmax(np.abs(old), initial=0.0)) or 1.0
        within = limit(name, here) * scale
        if gap.max(initial=0.0) > within:
            where = np.unravel_index(int(gap.argmax()), gap.shape)
            told = f"{float(today[where])!r} at {[int(i) for i in where]}, kept {float(old[where])!r}"
            largest = float(gap.max())
            found.append(Difference(name, int((gap > within * scale).sum()), gap.size, largest, largest / scale, told))
    return sorted(found, key=lambda difference: (-difference.share, difference.name))


def table(differences: list[Difference]) -> str:
    """The largest changes as Markdown."""
    rows = ["| array | numbers changed | largest change | of its scale | where |", "|---|---|---|---|---|"]
    rows += [
        f"| {one.name} | {one.numbers} of {one.of} | {one.largest:.3g} | {one.share:.3g} | {one.told} |"
        for one in differences[:WORST]
    ]
    return "\n".join(rows)


def entry(reason: str, kept: Results, new: Results, was: Mapping[str, str]) -> str:
    """What the log says of a promotion."""
    lines = [f"## {datetime.now(UTC):%Y-%m-%d}: {reason}", ""]
    now = machine()
    changed = [f"{key} {was.get(key) or 'none'} to {now[key] or 'none'}" for key in now if was.get(key) != now[key]]
    if not kept:
        return "\n".join([*lines, f"First kept: {len(new)} arrays.", ""])
    if changed:
        lines += [f"Made elsewhere or with other versions: {'; '.join(changed)}.", ""]
    differences = compare(kept, new)
    lines += [f"{len(differences)} of {len(new)} arrays changed.", ""]
    if differences:
        lines += [table(differences), ""]
    return "\n".join(lines)


def promote(reason: str, new: Results, kept_at: Path = KEPT, log: Path = LOG) -> str:
    """Keep these results and tell the log what changed, and why; gives what was told."""
    kept, was = load(kept_at) if kept_at.exists() else ({}, {})
    told = entry(reason, kept, new, was)
    before = log.read_text("utf-8") if log.exists() else TITLE
    save(new, kept_at)
    log.write_text(f"{before}\n{told}", "utf-8")
    return told


def _all(nudge: float = 0.0) -> Results:
    found: Results = {}
    for case in CASES:
        print(case, file=sys.stderr)
        found |= results(case, nudge)
    return found


def main() -> None:
    """Compare, promote, or show how far results move."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--promote", metavar="REASON", help="keep today's results; why they may change")
    parser.add_argument("--sensitivity", action="store_true", help="compare with lumens changed by 1e-12")
    asked = parser.parse_args()
    # JAX was imported before the package said where compiled programs are kept.
    jax.config.update("jax_compilation_cache_dir", os.environ["JAX_COMPILATION_CACHE_DIR"])
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    if asked.promote is not None:
        if len(asked.promote.split()) < 3:
            parser.error("the reason has to say in a few words what changed and why that is right")
        print(promote(asked.promote, _all()))
        return
    kept, was = load()
    if asked.sensitivity:
        nudged = _all(NUDGE)
        print(table(compare(kept, nudged)))
        beyond = compare(kept, nudged, here=False)
        print(f"\n{len(beyond)} arrays move further than they may differ elsewhere\n{table(beyond) if beyond else ''}")
        sys.exit(bool(beyond))
    same = was == machine()
    differences = compare(kept, _all(), same)
    print(f"compared {'bit for bit' if same else f'to {ELSEWHERE:g}, as they were kept elsewhere'}: ", end="")
    print(f"{len(differences)} arrays differ\n{table(differences)}" if differences else "all as kept")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
