"""venolymph: how blood drains from the human leg, as a simulator.

    import venolymph as vl
    run = vl.simulate("mild-varicose", "posture-and-walk")
    run["ankle pressure"]
    run.measure("VFI")

For research and education. Not a medical device.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from venolymph.errors import (
    DocumentError,
    MeasureError,
    NetworkError,
    RunError,
    SimulationError,
    UnitError,
    VenolymphError,
)
from venolymph.processes import check_process as _check_process  # noqa: F401 (from here on forks are noted)
from venolymph.version import version as _version

if TYPE_CHECKING:
    from venolymph.anatomy import Geometry, geometry
    from venolymph.body import Body, Person, leg_body, load_person, packaged_people
    from venolymph.body.table import parameters
    from venolymph.measures import Reading, measure
    from venolymph.regimen import Regimen, load_regimen, packaged_regimens
    from venolymph.simulation import Run, open_run, resume, simulate
    from venolymph.simulation.predict import predict
    from venolymph.simulation.tissue_model import tissue_of

__all__ = [
    "Body",
    "DocumentError",
    "Geometry",
    "MeasureError",
    "NetworkError",
    "Person",
    "Reading",
    "Regimen",
    "Run",
    "RunError",
    "SimulationError",
    "UnitError",
    "VenolymphError",
    "__version__",
    "geometry",
    "leg_body",
    "load_person",
    "load_regimen",
    "measure",
    "open_run",
    "packaged_people",
    "packaged_regimens",
    "parameters",
    "predict",
    "resume",
    "simulate",
    "tissue_of",
]

_HOME = {
    "Body": "body",
    "Person": "body",
    "leg_body": "body",
    "load_person": "body",
    "packaged_people": "body",
    "parameters": "body.table",
    "Geometry": "anatomy",
    "geometry": "anatomy",
    "Reading": "measures",
    "measure": "measures",
    "Regimen": "regimen",
    "load_regimen": "regimen",
    "packaged_regimens": "regimen",
    "Run": "simulation",
    "open_run": "simulation",
    "resume": "simulation",
    "simulate": "simulation",
    "predict": "simulation.predict",
    "tissue_of": "simulation.tissue_model",
}

__version__ = _version()
"""Version of the package that is installed."""

# Compiled programs are kept between processes; the settings are JAX's own and an environment that has them wins.
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "venolymph" / "compiled"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_CACHE))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
# The CPU's compiler makes one kernel of a small loop, and takes for small what touches less than a kilobyte. Ours are
# the elimination over a batch, and for a person alone all steps between two samples.
if "xla_backend_extra_options" not in os.environ.get("XLA_FLAGS", ""):
    _LOOPS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=4000000"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_LOOPS}".strip()


def __getattr__(name: str) -> Any:
    """Load what needs JAX only when it is asked for."""
    if name == "interop":  # a room of its own: `vl.interop.svzerod.read`
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _HOME[name] == "simulation":
        import_module(f"{__name__}.viewer")  # what `run.view()` and `run.plot()` show
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
