"""Time steps and sampling intervals of phases."""

from __future__ import annotations

GAIT_STEP = 0.005
GAIT_SAMPLE = 0.05
# after something quick: how long, time step, sampling interval, s
AFTER_CUFF = ((4.0, 0.005, 0.02), (10.0, 0.02, 0.1), (46.0, 0.1, 0.5))
AFTER_SLEEVE = ((10.0, 0.02, 0.1), (50.0, 0.1, 0.5))
AFTER_MUSCLE = ((3.0, 0.005, 0.05), (10.0, 0.02, 0.1), (47.0, 0.1, 0.5))
AFTER_MOVE = ((10.0, 0.02, 0.1), (50.0, 0.1, 0.5))
AT_REST = ()

QUIET = (0.25, 1.0)
"""Time step and sampling interval, s. A breath at rest is 16 such steps (see `network.predictor.STEPS_PER_BREATH`)."""
WHOLE = 120.0
"""Rest longer than this, s, has time steps that are exactly those of `QUIET`, so that each breath repeats the steps of
the one before; a remainder comes first, in slightly shorter steps."""
LONG = 1200.0
"""Rest longer than this, s, is sampled every 10 s, and walking that long once a cycle."""
