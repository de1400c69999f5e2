"""A made-up course of a life, for tests that follow none."""

from __future__ import annotations

import numpy as np
import xarray as xr

from venolymph.wall.life import Life

SEGMENTS = ["great saphenous, thigh", "great saphenous, calf", "tributary, medial calf", "tributary, anterior calf"]
START = np.array([5.9, 4.7, 5.0, 4.0])
"""Their diameters at the start, mm."""
BENT = np.array([0.0, 0.0, 0.6, 0.4])
"""How much longer than straight they are, 1."""


def course(days: list[float], members: int, life: Life) -> xr.Dataset:
    """A made-up course: where a junction is closed veins narrow by a fifth in a year, else they stay."""
    narrowing = 0.2 if life.changes and life.changes[0].closed else 0.0
    width = START[None, :, None] * (1.0 - narrowing * np.array(days)[:, None, None] / 365.25)
    width = np.clip(width, 1.0, None) * np.linspace(1.0, 1.1, members)
    failed = np.where((life.title == "failing") & (np.arange(members) == 1), 400.0, np.nan)
    one = {"units": "1"}
    return xr.Dataset(
        {
            "standing": (("day", "segment", "member"), width, {"units": "mm"}),
            "tortuosity": (("day", "segment", "member"), np.full(width.shape, 1.0) + BENT[None, :, None], one),
            "amplitude": (
                ("day", "segment", "member"),
                np.full(width.shape, 1.0) * 15.0 * BENT[None, :, None],
                {"units": "mm"},
            ),
            "lying": (("day", "segment", "member"), 0.7 * width, {"units": "mm"}),
            "radius": (("day", "place", "member"), np.exp(np.full((len(days), 4, members), 0.5)), one),
            "damage": (("day", "segment", "member"), np.full((len(days), 4, members), 0.25), one),
            "leaking": (("day", "member"), np.full((len(days), members), 17) - (np.array(days)[:, None] > 1.0), one),
            "reflux": (("day", "member"), np.full((len(days), members), 160.0), {"units": "mL/min"}),
            "reentry": (("day", "member"), np.full((len(days), members), 84.0), {"units": "mL/min"}),
            "failed_on": (("member",), failed, {"units": "day"}),
        },
        {
            "day": days,
            "place": [f"{name} [1]" for name in SEGMENTS],
            "segment": np.array(SEGMENTS, object),
            "member": np.arange(members),
        },
    )
