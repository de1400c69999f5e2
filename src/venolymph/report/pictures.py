"""A run as pictures, PNG and SVG, for a paper or a talk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from venolymph.report.chart_data import KINDS, PALETTE
from venolymph.report.panels import Panel
from venolymph.report.valve_states import REVERSED, STATES, ValveStates
from venolymph.report.view import View

_POINTS = 6000
"""Points of a line; more than a picture can show, few enough for an SVG to open."""
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.hashsalt": "venolymph",
    "svg.fonttype": "none",
    "figure.constrained_layout.use": True,
}
"""How all charts look."""
_STATE_COLOURS = ("#e4e7ea", "#9ecae1", "#0072b2", "#d55e00")


def pictures(shown: View, folder: Path) -> list[Path]:
    """Draw each chart of a view as `KEY.png` and `KEY.svg`; gives the files' paths."""
    from matplotlib import rc_context

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with rc_context(STYLE):
        for panel in shown.panels:
            written += _save(_lines(shown, panel), folder / panel.key)
        if shown.valves is not None:
            written += _save(_states(shown, shown.valves), folder / "valves")
    return written


def _save(figure: Any, stem: Path) -> list[Path]:
    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    figure.savefig(paths[0], dpi=150)
    figure.savefig(paths[1], metadata={"Date": None, "Creator": "venolymph"})
    return paths


def _figure(shown: View, height: float) -> tuple[Any, list[Any]]:
    """A figure with one column a member (four at most) on a shared axis."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(len(shown.members), 4)
    figure = Figure(figsize=(max(8.0, 5.5 * columns), height))
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, columns, sharex=True, sharey=True, squeeze=False)[0]
    for axis, label in zip(axes, shown.members, strict=False):
        backdrop(axis, shown)
        if len(shown.members) > 1:
            axis.set_title(label, fontsize=10, loc="left")
    return figure, list(axes)


def backdrop(axis: Any, shown: View) -> None:
    """What was done when, as a background, and the axis of time."""
    scale, unit = _scale(shown)
    for band in shown.bands:
        axis.axvspan(band.start / scale, band.stop / scale, color=KINDS.get(band.kind, "#eeeeee"), linewidth=0)
    axis.set_xlabel(f"time ({unit})")
    axis.set_xlim(shown.bands[0].start / scale, shown.time[-1] / scale)


def _scale(shown: View) -> tuple[float, str]:
    """Seconds to a unit of the time axis, and its name."""
    span = shown.time[-1] - shown.bands[0].start
    if span < 180:
        return 1.0, "s"
    return (60.0, "min") if span < 3 * 3600 else (3600.0, "h")


def _thin(count: int, points: int = _POINTS) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, min(count, points)).astype(int))


def _lines(shown: View, panel: Panel) -> Any:
    figure, axes = _figure(shown, 4.0)
    banded = [draw(axis, shown, panel, member) for member, axis in enumerate(axes)]
    axes[0].set_ylabel(f"{panel.title} ({panel.unit})")
    title = "band: swings in each cycle\nline: their mean" if any(banded) else None
    legend = axes[-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), title=title, title_fontsize=7.5)
    legend.set_alignment("left")
    return figure


def draw(axis: Any, shown: View, panel: Panel, member: int, points: int = _POINTS) -> bool:
    """Draw a panel's lines for one member; gives whether bands stand for swings too fast to draw.

    Args:
        axis: to draw on.
        shown: the view that the panel is of.
        panel: its chart.
        member: number of the member.
        points: most points of a line.
    """
    scale, _ = _scale(shown)
    banded = False
    for place, series in enumerate(panel.series):
        if not series.shown:
            continue
        colour = PALETTE[place % len(PALETTE)]
        middle, low, high = _calmed(shown, series.values[:, member])
        time, trace = _envelope(shown.time / scale, middle, points)
        style = "--" if series.dashed else "-"
        axis.plot(time, trace, color=colour, linestyle=style, linewidth=1.2, label=series.name)
        if low is not None and high is not None:
            banded = True
            kept = _thin(len(shown.time), points)
            edges = (np.minimum.reduceat(low, kept), np.maximum.reduceat(high, kept))
            axis.fill_between(shown.time[kept] / scale, *edges, color=colour, alpha=0.2, linewidth=0)
    if panel.key == "reverse":
        axis.axhline(0, color="#555555", linewidth=0.8)
    return banded


def _calmed(shown: View, values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """A trace with repeating movement replaced by its mean over a cycle, and the lowest and highest in a cycle.

    Only phases of more than a few cycles are calmed, and only in a picture too long to show single cycles. Where
    nothing is, the lowest and highest are None; elsewhere they equal the trace outside such phases.
    """
    span = shown.time[-1] - shown.bands[0].start
    middle, low, high, found = values.copy(), values.copy(), values.copy(), False
    for number, period in enumerate(shown.periods):
        mine = np.flatnonzero(shown.phase_of_sample == number)
        if not period or len(mine) < 8 or span < 40 * period:
            continue
        cycle = round(float(period * (len(mine) - 1) / (shown.time[mine[-1]] - shown.time[mine[0]])))
        if cycle < 4 or len(mine) < 4 * cycle:
            continue
        found = True
        cycles = np.lib.stride_tricks.sliding_window_view(values[mine], cycle)
        around = np.clip(np.arange(len(mine)) - cycle // 2, 0, len(cycles) - 1)
        middle[mine] = cycles.mean(axis=1)[around]
        low[mine], high[mine] = cycles.min(axis=1)[around], cycles.max(axis=1)[around]
    return (middle, low, high) if found else (values, None, None)


def _envelope(time: np.ndarray, values: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Few enough points that keep each stretch's lowest and highest value, in the order in which it comes to them."""
    if len(values) <= points:
        return time, values
    starts = (np.arange(points // 2) * len(values)) // (points // 2)
    ends = np.append(starts[1:], len(values)) - 1
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    falls = values[ends] < values[starts]  # low before high would make a saw of what falls
    pairs = np.where(falls, [high, low], [low, high])
    return np.stack([time[starts], time[ends]], axis=1).ravel(), pairs.T.ravel()


def _states(shown: View, valves: ValveStates) -> Any:
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.patches import Patch

    chosen = np.flatnonzero(valves.chief)
    figure, axes = _figure(shown, 1.2 + 0.24 * len(chosen))
    scale, _ = _scale(shown)
    kept = _thin(len(shown.time))
    edges = np.append(shown.bands[0].start, shown.time[kept]) / scale
    colours = ListedColormap(_STATE_COLOURS)
    norm = BoundaryNorm(np.arange(-0.5, 4), 4)
    for member, axis in enumerate(axes):
        state = np.maximum.reduceat(
            np.where(valves.state[:, chosen, member] == REVERSED, REVERSED, valves.state[:, chosen, member]), kept
        )
        axis.pcolormesh(
            edges, np.arange(len(chosen) + 1), state.T, cmap=colours, norm=norm, rasterized=True, shading="flat"
        )
        axis.hlines(np.arange(1, len(chosen)), *axis.get_xlim(), color="white", linewidth=1.5)
        axis.set_yticks(np.arange(len(chosen)) + 0.5, [valves.names[valve] for valve in chosen], fontsize=7.5)
        axis.set_ylim(len(chosen), 0)
    axes[-1].legend(
        handles=[Patch(color=colour, label=name) for colour, name in zip(_STATE_COLOURS, STATES, strict=True)],
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )
    return figure
