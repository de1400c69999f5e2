"""Whether the machine is fit: versions, device, and whether compiled programs are kept between processes."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from venolymph import compiled
from venolymph.cli.output import say, show_json, show_table

PACKAGES = (
    "venolymph",
    "jax",
    "jaxlib",
    "equinox",
    "numpy",
    "xarray",
    "zarr",
    "pydantic",
    "pint",
    "typer",
    "matplotlib",
)
"""Packages whose versions matter in a report of trouble."""

_PROBE = """
import json, sys, time
begun = time.perf_counter()
import jax, jax.numpy as jnp
from jax import monitoring
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_compilation_cache_dir", sys.argv[1])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
events = []
monitoring.register_event_listener(lambda event, **_: events.append(event))
def step(carry, _):
    x = jnp.tanh(carry @ carry.T / 8 + 0.1)
    return x / (1 + jnp.abs(x).max()), x.sum()
compiling = time.perf_counter()
jax.jit(lambda x: jax.lax.scan(step, x, length=50))(jnp.eye(8))[1].block_until_ready()
device = jax.devices()[0]
print(json.dumps({
    "hits": sum(event.endswith("cache_hits") for event in events),
    "misses": sum(event.endswith("cache_misses") for event in events),
    "import": compiling - begun, "compile": time.perf_counter() - compiling,
    "device": getattr(device, "device_kind", str(device)), "platform": device.platform, "devices": len(jax.devices()),
}))
"""


def run(as_json: bool) -> int:
    """Look at everything and print it; gives the exit code (1 where something is wrong)."""
    versions = {name: _version(name) for name in PACKAGES}
    kept = compiled.folder()
    unusable = None if kept is None else compiled.trouble(kept)
    cold, warm, trouble = _probe(None if unusable else kept)
    if unusable:
        trouble.append(f"{unusable} ({compiled.HINT})")
    memory = _memory()
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "memory_gib": memory,
        "versions": versions,
        "device": warm.get("device"),
        "platform": warm.get("platform"),
        "cache": {
            "folder": None if kept is None else str(kept),
            "writable": None if kept is None else unusable is None,
            "hit": bool(warm.get("hits")),
            "first_compile_s": cold.get("compile"),
            "second_compile_s": warm.get("compile"),
        },
        "trouble": trouble,
    }
    if as_json:
        show_json(found)
        return 1 if trouble else 0
    rows = [["python", found["python"]], ["system", f"{found['system']}, {found['cores']} cores"]]
    if memory is not None:
        rows.append(["memory", f"{memory:.1f} GiB"])
    rows += [[name, number or "not installed"] for name, number in versions.items()]
    if warm:
        rows.append(["computes on", f"{warm['device']} ({warm['platform']}, {warm['devices']} of them)"])
    if cold and warm:
        hit = "kept: the second process took it from the cache" if warm["hits"] else "not kept: compiled anew"
        rows.append(["compiled program", f"{hit} ({cold['compile']:.2f} s, then {warm['compile']:.2f} s)"])
    if kept is not None:
        rows.append(["compiled programs in", f"{kept}{' (cannot be written)' if unusable else ''}"])
    show_table(["what", "found"], rows, fold=("found",))
    for problem in trouble:
        say(f"warning: {problem}")
    if not trouble:
        say("all is well")
    return 1 if trouble else 0


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _probe(kept: Path | None) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Compile a small program in one process and again in another with the same cache.

    Args:
        kept: folder that runs keep compiled programs in, inside which it is tried; None: among temporary files.
    """
    trouble: list[str] = []
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="venolymph-doctor-", dir=kept) as cache:
        for _ in range(2):
            begun = time.monotonic()
            try:
                done = subprocess.run(
                    [sys.executable, "-c", _PROBE, cache], capture_output=True, text=True, timeout=120, check=False
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                return {}, {}, [f"a process that compiles could not be run: {error}"]
            if done.returncode != 0:
                last = (done.stderr.strip().splitlines() or ["no message"])[-1]
                return {}, {}, [f"JAX does not work here: {last}"]
            found.append({**json.loads(done.stdout.splitlines()[-1]), "whole": time.monotonic() - begun})
    cold, warm = found
    if not warm["hits"]:
        trouble.append(
            "compiled programs are not taken from the cache, so every start compiles anew (some processors make JAX "
            "refuse all entries); all results are the same, each start takes longer"
        )
    return cold, warm, trouble


def _memory() -> float | None:
    """Memory of the machine, GiB; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return None
