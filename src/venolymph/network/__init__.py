"""The engine: cells, faces, valves and time. It knows no anatomy, no people and no regimens.

All arithmetic is in float64, which is switched on for the whole process where this package is imported.
"""

from __future__ import annotations

import jax

jax.config.update("jax_enable_x64", True)
