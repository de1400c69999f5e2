"""How a head lies at each moment: the elevation of the trunk and of the head's three axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.pulse import smooth_step


def face_poses(phases: Sequence[tuple[Any, PhaseDrive]], times: np.ndarray, member: int = 0) -> np.ndarray:
    """Poses of a head at some times.

    Args:
        phases: of the run, each with its drive.
        times: s since the run's start.
        member: of the drives.

    Returns:
        Shape (times, 4): elevation of the trunk's axis and of the head's axes up, forward and to the left above the
        horizontal, degrees (`steps.head.head_axes`).
    """
    found = np.zeros((len(times), 4))
    starts = np.array([info.start for info, _ in phases])
    which = np.clip(np.searchsorted(starts, times, side="left") - 1, 0, len(phases) - 1)
    for number in np.unique(which):
        info, drive = phases[number]
        here = which == number
        ramp = max(float(np.asarray(drive.ramp)[0, member]), 1e-9)
        within: Any = times[here] - info.start
        share = np.asarray(smooth_step(within / ramp))[:, None]
        before, after = (np.asarray(one)[:, member] for one in (drive.inclination_from, drive.inclination_to))
        found[here] = np.degrees(before + (after - before) * share)
    return np.round(found, 2).astype(np.float32)
