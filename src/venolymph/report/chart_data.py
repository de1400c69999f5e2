"""What the charts of a report's page draw: traces and states of valves, packed for its script."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import numpy as np

from venolymph.report.panels import Panel
from venolymph.report.valve_states import STATES, ValveStates
from venolymph.report.view import View

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Colours that people with any colour vision tell apart (Okabe and Ito), without the yellow that white swallows."""
KINDS = {
    "lie": "#e3ebf4",
    "raise": "#d3e0ef",
    "sit": "#f1edf6",
    "stand": "#f8f2e1",
    "tilt": "#f3ead9",
    "walk": "#e2f1e8",
    "run": "#d0e9da",
    "tiptoe": "#f6e6ee",
    "tiptoes": "#f6e6ee",
    "cuff": "#fbe9df",
    "trace": "#fbe9df",
    "breathe": "#eef3ea",
    "valsalva": "#ece4f0",
    "skin": "#f4ecec",
}
"""Background of each kind of phase."""
_BINS = 1500
MEMBERS = 8
"""Members beyond this many are left out of the charts, which would grow past what a browser opens with ease."""
_FINE = 12.0
"""Seconds at the end of a repeating phase (gait) that keep every sample where there is room, s."""
_ABSENT = 65535
_CODES = 4094
"""Steps between the lowest and the highest value of a trace: finer than a chart, and smaller than 16 bits of noise."""


def chart_data(shown: View) -> dict[str, Any]:
    """What the page's script draws: of traces the lowest and the highest value in each bin of samples."""
    members = range(min(len(shown.members), MEMBERS))
    budget = _BINS if len(members) <= 3 else _BINS // 2
    starts = bins(shown, budget)
    ends = np.append(starts[1:], len(shown.time)) - 1
    begin = shown.bands[0].start
    edges = np.append(begin, shown.time[ends])
    return {
        "time": _packed(edges.astype("<f4")),
        "members": [{"label": shown.members[member]} for member in members],
        "bands": [vars(band) for band in shown.bands],
        "kinds": KINDS,
        "states": STATES,
        "panels": [_panel(panel, starts, members) for panel in shown.panels],
        "valves": None if shown.valves is None else _valves(shown.valves, starts, members),
    }


def bins(shown: View, budget: int) -> np.ndarray:
    """First sample of each bin: about `budget` of them, phases apart, the last seconds of gait in full."""
    time, phase = shown.time, shown.phase_of_sample
    if len(time) <= budget:
        return np.arange(len(time))
    starts: list[np.ndarray] = []
    first = np.append(0, np.flatnonzero(np.diff(phase)) + 1)
    bounds = np.append(first, len(time))
    for begin, stop in itertools.pairwise(bounds.tolist()):
        share = max(8, int(budget * (stop - begin) / len(time)))
        fine = stop
        period = shown.periods[int(phase[begin])]
        if period:
            fine = int(np.searchsorted(time, time[stop - 1] - max(_FINE, 3 * period), side="right"))
            fine = max(begin, fine, stop - max(share * 2 // 3, min(400, budget // 4)))
        if fine > begin:
            coarse = min(fine - begin, max(share - (stop - fine), 8, share // 3))
            starts.append(begin + (np.arange(coarse) * (fine - begin)) // coarse)
        starts.append(np.arange(fine, stop))
    return np.concatenate(starts)


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _panel(panel: Panel, starts: np.ndarray, members: range) -> dict[str, Any]:
    lines = []
    for place, series in enumerate(panel.series):
        lines.append(
            {
                "name": series.name,
                "dashed": series.dashed,
                "shown": series.shown,
                "colour": PALETTE[place % len(PALETTE)],
                "data": [_trace(series.values[:, member], starts) for member in members],
            }
        )
    return {"key": panel.key, "title": panel.title, "unit": panel.unit, "note": panel.note, "series": lines}


def _trace(values: np.ndarray, starts: np.ndarray) -> dict[str, Any]:
    """Lowest and highest value of each bin: value = low + step * code."""
    values = np.where(np.isfinite(values), values, np.nan)
    lowest, highest = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    known = np.isfinite(lowest)
    low = float(lowest[known].min()) if known.any() else 0.0
    high = float(highest[known].max()) if known.any() else 0.0
    step = (high - low) / _CODES or 1.0

    def code(array: np.ndarray) -> np.ndarray:
        return np.where(known, np.round((np.where(known, array, low) - low) / step), _ABSENT).astype("<u2")

    below, above = code(lowest), code(highest)
    return {
        "low": low,
        "step": step,
        "lo": _packed(below),
        "hi": None if np.array_equal(below, above) else _packed(above),
    }


def _valves(valves: ValveStates, starts: np.ndarray, members: range) -> dict[str, Any]:
    """The valves' state in each bin, four to a byte: reversed where it is so for a quarter of the bin's samples."""
    sizes = np.diff(np.append(starts, len(valves.state)))
    packed = []
    for member in members:
        state = valves.state[:, :, member]
        back = np.add.reduceat((state == 3).astype(int), starts) * 4 >= sizes[:, None]
        usual = np.round(np.add.reduceat(np.minimum(state, 2).astype(int), starts) / sizes[:, None])
        codes = np.where(back, 3, usual).astype(np.uint8).T.ravel()
        codes = np.pad(codes, (0, -len(codes) % 4)).reshape(-1, 4)
        packed.append(_packed((codes << np.array([0, 2, 4, 6], np.uint8)).sum(axis=1).astype(np.uint8)))
    return {"names": valves.names, "chief": valves.chief.tolist(), "state": packed}
