"""Tissue fluid: volume, pressure, oncotic pressure, pitting, and capillary filtration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.measures.episodes import Episode, first_start, last
from venolymph.measures.reading import Found, Measure, Recorded
from venolymph.measures.recognise import for_long, is_lying, is_standing
from venolymph.measures.settings import setting
from venolymph.measures.signals import interval_weights, plain, weighted
from venolymph.measures.tissue_readings import (
    WINDOW,
    at_end,
    compartments_at,
    exchange_array,
    limb_places,
    mean_over,
    of_index_leg,
    rate,
    record_ends,
    tissue,
    tissue_places,
)
from venolymph.network.interstitium import Interstitium, elastic_pressure
from venolymph.network.plasma import oncotic_pressure
from venolymph.network.pulse import smooth_step

THUMB = setting("thumb.pressure"), setting("thumb.time"), setting("thumb.radius")
"""Pressure (mmHg), time (s) and radius (cm) of a thumb that tests for pitting."""
BOOT = setting("boot.level")
"""Level of the water in a boot that measures volume, cm above the malleolus of a leg of the reference length."""
STEADY = setting("least_closure")
"""Shortest stay in a posture after which capillaries have closed or opened, s."""
HAEMATOCRIT = setting("blood.haematocrit")
"""Haematocrit of arterial blood, 1."""
MOMENTS = 200
"""Number of time steps of a thumb's pressing."""


def _water(run: Recorded, place: str) -> Found:
    numbers = np.asarray(compartments_at(run, place, all_tissue=True))
    volume = exchange_array(run, "tissue_volume")[:, numbers].sum(axis=1)
    rest = plain(tissue(run).parameters.tissue.volume)[numbers].sum(axis=0)
    return at_end(run, volume, "mL", at_rest=rest, swelling=volume[-1] / rest)


def _in_boot(run: Recorded) -> Found:
    legs = tissue(run).legs
    own = np.isin(np.arange(len(legs[0].compartments)), of_index_leg(legs[0].compartments))
    shares = np.stack([own * leg.below(BOOT) for leg in legs], axis=-1)
    rest = (shares * plain(tissue(run).parameters.tissue.volume)).sum(axis=0)
    return at_end(run, (shares * exchange_array(run, "tissue_volume")).sum(axis=1), "mL", at_rest=rest)


def _mean(name: str, unit: str) -> Callable[[Recorded, str], Found]:
    def read(run: Recorded, place: str) -> Found:
        return at_end(
            run, mean_over(run, exchange_array(run, name), compartments_at(run, place, all_tissue=False)), unit
        )

    return read


def _filtration(run: Recorded, place: str) -> Found:
    numbers = np.asarray(compartments_at(run, place, all_tissue=True))
    return rate(run, exchange_array(run, "filtered")[:, numbers].sum(axis=1))


@jax.jit
def _pressed(law: Interstitium, links: tuple[Array, Array, float], share: Array, swelling: Array) -> Array:
    """Relative volume v of tissue after a thumb has pressed it, 1.

    Args:
        law: of the compartments.
        links: decades of conductivity that full swelling adds, that swelling, and conductivity at v = 1, cm2/mmHg/s.
        share: of the tissue that is fluid at v = 1.
        swelling: v before.
    """
    pressure, time, radius = THUMB
    decades, full, conductivity = links
    arms = law.relaxation_gain.sum(axis=0) * law.stiff_slope
    before = elastic_pressure(law, swelling)

    def moment(_: int, v: Array) -> Array:
        excess = pressure + elastic_pressure(law, v) - before + arms * (v - swelling)
        opened = 10.0 ** (decades * smooth_step((v - 1.0) / (full - 1.0)))
        lost = 8.0 * conductivity * opened * jax.nn.relu(excess) / (share * radius**2)
        return v - time / MOMENTS * lost

    return jax.lax.fori_loop(0, MOMENTS, moment, swelling)


def pit(run: Recorded, numbers: Sequence[int], swelling: Float[Array, "some batch"]) -> Float[Array, "some batch"]:
    """Depth of the pit that a thumb leaves in some compartments, mm.

    Fluid is pressed out sideways from under the thumb, a disc of radius a, by Darcy's law: at a mean pressure p under
    it beyond that of the tissue around, 8 pi K h p leaves a layer of thickness h. K falls as fluid goes, and what is
    left pulls back by its own law, its Maxwell arms not yet relaxed.

    Args:
        run: the run.
        numbers: of the compartments.
        swelling: their relative volume v before.
    """
    own, at = tissue(run), np.asarray(numbers)
    law = jax.tree.map(lambda leaf: leaf[..., at, :], own.parameters.tissue)
    sizes = [[leg.compartments[i] for leg in own.legs] for i in numbers]
    share = law.volume / np.array([[c.volume for c in row] for row in sizes])
    thickness = np.array([[c.thickness for c in row] for row in sizes])
    links = own.parameters.links
    conductivity = own.legs[0].figures["tissue.darcy.conductivity"].internal
    after = _pressed(law, (links.decades[0], links.full_swelling[0], conductivity), share, jnp.asarray(swelling))
    return 10.0 * plain(share * thickness * (swelling - after))


def _pitting(run: Recorded, place: str) -> Found:
    numbers = compartments_at(run, place, all_tissue=False)
    rest = plain(tissue(run).parameters.tissue.volume)[np.asarray(numbers)]
    depth = pit(run, numbers, exchange_array(run, "tissue_volume")[-1][np.asarray(numbers)] / rest)
    return Found(depth.max(axis=0))


# ------------------------------------------------------------------ how much capillaries let through


def _at(run: Recorded, episode: Episode, numbers: np.ndarray) -> tuple[Any, Any, Any]:
    """At an episode's end: filtration (mL/min), mean capillary pressure (mmHg), and the share of capillaries open."""
    weights = plain(tissue(run).parameters.beds.filtration)[numbers]
    row = int(np.searchsorted(record_ends(run), episode.end - 1e-6))
    span = record_ends(run)[row] - record_ends(run)[row - 1]

    def mean(name: str) -> Any:
        return (exchange_array(run, name)[row][numbers] * weights).sum(axis=0) / weights.sum(axis=0)

    filtered = 60.0 * exchange_array(run, "filtered")[row][numbers].sum(axis=0) / span
    return filtered, mean("capillary_pressure"), mean("capillaries_open")


def _closure(run: Recorded) -> Found:
    """Filtration per mmHg of capillary pressure gained by standing, over that of a lying foot, 1."""
    lying, standing = last(
        run, f"lying, then standing for {STEADY / 60:g} min", for_long(is_lying), for_long(is_standing, STEADY)
    )
    numbers = np.asarray(compartments_at(run, "foot", all_tissue=True))
    before, after = (_at(run, episode, numbers) for episode in (lying, standing))
    rest = 60.0 * plain(tissue(run).parameters.beds.filtration)[numbers].sum(axis=0) * before[2]
    upright = (after[0] - before[0]) / (after[1] - before[1])
    parts = {"lying": rest, "standing": upright, "capillaries open lying": before[2], "standing open": after[2]}
    return Found(upright / rest, parts=parts)


# ------------------------------------------------------------------ blood that leaves


def _leaving(run: Recorded, place: str) -> dict[str, Any]:
    """Blood that leaves a part of the leg: haematocrit, %, protein, g/dL, and its oncotic pressure's rise, mmHg.

    By balance over the last ten minutes: plasma comes with arterial blood, capillaries take water and protein from it.
    What passes beside capillaries, through shunts that a warm sole opens, is left out.
    """
    plasma = tissue(run).parameters.plasma
    numbers = np.asarray(compartments_at(run, place, all_tissue=True))
    start, stop = max(first_start(run), float(record_ends(run)[-1]) - WINDOW), float(record_ends(run)[-1])
    passing = 60.0 * exchange_array(run, "plasma_flow")[:, numbers].sum(axis=1)
    recent = interval_weights(record_ends(run), first_start(run), start, stop)
    passing, before = weighted(recent, passing), weighted(recent, exchange_array(run, "plasma_protein"))
    water = rate(run, exchange_array(run, "filtered")[:, numbers].sum(axis=1), per=60.0).value
    protein = rate(run, exchange_array(run, "filtered_solutes")[:, 0][:, numbers].sum(axis=1), per=60.0).value
    left = passing - water
    after = (before * passing - protein) / left
    rise = oncotic_pressure(plasma.plasma_oncotic, after[None]) - oncotic_pressure(
        plasma.plasma_oncotic, jnp.asarray(before)[None]
    )
    cells = passing * HAEMATOCRIT / (1.0 - HAEMATOCRIT)
    return {
        "haematocrit, %": 100.0 * cells / (cells + left),
        "protein, g/dL": after / 10.0,
        "oncotic pressure gained, mmHg": plain(rise)[0],
        "plasma filtered, %": 100.0 * water / passing,
    }


def _of_leaving(name: str) -> Callable[[Recorded, str], Found]:
    def read(run: Recorded, place: str) -> Found:
        parts = _leaving(run, place)
        return Found(parts[name], parts=parts)

    return read


_STANDING = {
    "kind": "regimen",
    "version": 1,
    "regimen": "lying, then standing for an hour",
    "steps": [{"lie": {"for": "10 min"}}, {"stand": {"for": "1 h"}}],
}


def _measure(name: str, unit: str, description: str, finder: Callable[..., Found], **more: Any) -> Measure:
    return Measure(name, unit, description, "tissue_fluid", finder, **more)


MEASURES = (
    _measure(
        "tissue water in {place}",
        "mL",
        "fluid between the cells of a part of the leg, of one side of it or of its muscle, at the end",
        _water,
        places=tissue_places,
    ),
    _measure(
        "boot tissue water",
        "mL",
        "fluid between the cells of what stands in a water-filled boot (foot, ankle, lowest calf), at the end",
        _in_boot,
    ),
    _measure(
        "tissue pressure in {place}",
        "mmHg",
        "as a wick in the skin and subcutis of a part reads it, what presses from outside included, at the end",
        _mean("tissue_pressure", "mmHg"),
        places=tissue_places,
    ),
    _measure(
        "tissue oncotic pressure in {place}",
        "mmHg",
        "colloid osmotic pressure of the fluid of skin and subcutis of a part, at the end",
        _mean("tissue_oncotic", "mmHg"),
        places=tissue_places,
    ),
    _measure(
        "capillary filtration in {place}",
        "mL/h",
        "water that capillaries of a part of the leg give to its tissue, mean over the last ten minutes",
        _filtration,
        places=limb_places,
    ),
    _measure(
        "pitting in {place}",
        "mm",
        "deepest pit that a thumb leaves in the skin of a part, pressed with 40 mmHg for 20 s at the end of the run",
        _pitting,
        places=tissue_places,
    ),
    _measure(
        "filtration coefficient standing over lying",
        "1",
        "water that a foot lets through for each mmHg that standing adds in its capillaries, over that lying before",
        _closure,
        manoeuvre=_STANDING,
    ),
    _measure(
        "haematocrit of blood leaving {place}",
        "%",
        "by balance: arterial blood less the plasma that capillaries of a part of the leg filter, last ten minutes",
        _of_leaving("haematocrit, %"),
        places=limb_places,
    ),
    _measure(
        "plasma protein of blood leaving {place}",
        "g/dL",
        "by balance, as the haematocrit of blood leaving",
        _of_leaving("protein, g/dL"),
        places=limb_places,
    ),
    _measure(
        "oncotic pressure gained in {place}",
        "mmHg",
        "of plasma that leaves a part of the leg, over that of arterial plasma, by balance",
        _of_leaving("oncotic pressure gained, mmHg"),
        places=limb_places,
    ),
)
