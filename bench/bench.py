"""How fast venolymph is, as JSON on standard output: `make bench`, or `python bench/bench.py [PART ...]`.

Each part runs in a process of its own on one pinned core, with a compile cache of its own that is thrown away
afterwards. Each timing is the least and the median of several repeats. Aims stand beside the numbers. Other work on
the machine makes every number worse: the load average is printed with them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CORE = 0 if not hasattr(os, "sched_getaffinity") else max(os.sched_getaffinity(0))
LIMIT = 1800.0
"""Seconds after which the part under way is given up and the others are left out."""

MINUTE = [{"stand": {"for": "30 s"}}, {"walk": {"speed": "3 km/h", "for": "20 s"}}, {"stand": {"for": "10 s"}}]
GAIT = [{"stand": {"for": "20 s"}}, {"walk": {"speed": "3 km/h", "for": "10 s"}}]
PERSON = "mild-varicose"
MANY = 64
"""Members of a batch that is massaged."""


# ------------------------------------------------------------------------------------------- parts, one process each


def start_to_result() -> dict[str, Any]:
    """From process start to a reading of a 60 s regimen: with nothing compiled yet, and with a warm cache."""
    program = (
        "import sys, json, venolymph as vl\n"
        f"run = vl.simulate({PERSON!r}, json.loads(sys.argv[1]))\n"
        "print(float(run.measure('ankle pressure')))\n"
    )

    def once() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", program, json.dumps(MINUTE)], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin

    cold, cached = once(), [once() for _ in range(3)]
    return {
        "process start to result, cold, s": {"value": _round(cold)},
        "process start to result, cached, s": {**_spread(cached), "aim": "at most 5"},
        "peak memory of that process, MB": {"value": _round(_memory(resource.RUSAGE_CHILDREN)), "aim": "below 2000"},
    }


def compiling() -> dict[str, Any]:
    """Tracing and compiling the program that takes steps, with no cache."""
    import jax

    network = _network(1)
    begin = time.perf_counter()
    lowered = jax.jit(network.advance, static_argnums=0).lower(*network.arguments(10))
    traced = time.perf_counter()
    lowered.compile()
    done = time.perf_counter()
    return {
        "compile, s": {
            "value": _round(done - begin),
            "of which tracing": _round(traced - begin),
            "of which XLA": _round(done - traced),
        }
    }


def steps() -> dict[str, Any]:
    """Microseconds per step and member in gait at 5 ms."""
    import jax

    found: dict[str, Any] = {}
    for batch, repeats, aim in ((1, 40, "at most 40"), (64, 8, "at most 25"), (512, 2, None)):
        network = _network(batch)
        advance = jax.jit(network.advance, static_argnums=0)
        number = network.stride * network.samples
        after: Any = None

        def once(advance: Any = advance, network: Any = network) -> None:
            nonlocal after
            after = jax.block_until_ready(advance(*network.arguments(network.stride)))

        times = [1e6 * each / (number * batch) for each in _timed(once, repeats)]
        found[f"gait at 5 ms, batch of {batch}, us per step and member"] = {
            **_spread(times),
            **({"aim": aim} if aim else {}),
            "steps timed": number,
            "Newton iterations per step": _round(float(after[2].iterations) / number),
            "most left missing by Newton, mL": float(f"{float(after[2].residual.max()):.2g}"),
        }
    found["vein cells of the leg in full"] = {
        "value": network.leg_cells,
        "aim": "at least 110",
        "with pelvis and other leg": network.topology.n_cells,
    }
    return found


def whole_runs() -> dict[str, Any]:
    """Whole calls of `simulate`, warm: what a user waits for."""
    import venolymph as vl

    def taking(regimen: list, repeats: int = 3) -> list[float]:
        return _timed(lambda: vl.simulate("healthy", regimen, tissue=False), repeats)

    def stand(for_: str) -> list:
        return [{"stand": {"for": for_}}]

    def walk(for_: str) -> list:
        return [{"stand": {"for": "10 s"}}, {"walk": {"speed": "3 km/h", "for": for_}}]

    short, long = taking(walk("60 s")), taking(walk("10 min"))
    minute, hour = taking(stand("1 min")), taking(stand("61 min"))
    gait = 540.0 / (min(long) - min(short))
    still = 3600.0 / (min(hour) - min(minute))
    return {
        "ten minutes of walking, warm, s": {
            **_spread(long),
            "aim": "at most 5",
            "of which settling in the first posture and standing 10 s": _round(min(long) - 600.0 / gait),
        },
        "simulated seconds per wall second, gait": {"value": _round(gait)},
        "simulated seconds per wall second, standing still": {
            "value": _round(still),
            "aim": "at least 2000",
            "note": "after the first minute",
        },
        "one minute of standing, warm, s": _spread(minute),
    }


def gradient() -> dict[str, Any]:
    """Reverse mode of a mean pressure over three gait cycles against the lumen of every cell."""
    import jax
    import jax.numpy as jnp

    from venolymph.network.integrate import Steps

    network = _network(1)
    topology, parameters, drive, state = network.topology, network.parameters, network.drive, network.state
    steps = Steps(jnp.asarray(0.0), jnp.asarray(0.005), 10, 3 * 23)  # three cycles of 1.15 s

    def pressure(scale: Any) -> Any:
        import equinox as eqx

        wider = eqx.tree_at(lambda p: p.cells.unstressed_area, parameters, parameters.cells.unstressed_area * scale)
        return jnp.mean(network.advance(topology, wider, drive, state, steps)[1].mean_pressure)

    scale = jnp.ones_like(parameters.cells.unstressed_area)
    forward, reverse = jax.jit(pressure), jax.jit(jax.value_and_grad(pressure))
    begin = time.perf_counter()
    reverse.lower(scale).compile()
    compiling = time.perf_counter() - begin
    plain = _timed(lambda: jax.block_until_ready(forward(scale)), 8)
    both = _timed(lambda: jax.block_until_ready(reverse(scale)), 5)
    slope = reverse(scale)[1]
    return {
        "gradient over forward, reverse mode": {
            "value": _round(min(both) / min(plain)),
            "aim": "at most 3",
            "forward, s": _round(min(plain)),
            "value and gradient, s": _round(min(both)),
            "compile, s": _round(compiling),
            "finite": bool(jnp.all(jnp.isfinite(slope))),
        }
    }


def long_day() -> dict[str, Any]:
    """Memory after a day of twelve hours with walking in it (the most that this process ever held)."""
    import venolymph as vl

    day = [{"stand": {"for": "2 h"}}, {"walk": {"speed": "3 km/h", "for": "2 min"}}, {"sit": {"for": "2 h"}}] * 3
    begin = time.perf_counter()
    run = vl.simulate("healthy", day, tissue=False)
    wall = time.perf_counter() - begin
    return {
        "peak memory, MB": {
            "value": _round(_memory()),
            "aim": "below 2000",
            "note": f"{run.time[-1] / 3600:.1f} simulated hours, {len(run.time)} samples, {wall:.0f} s of wall time",
        }
    }


def tissue() -> dict[str, Any]:
    """Veins with tissue and lymph: a session alone and in a batch, and a day with work, session and night."""
    import venolymph as vl

    reason = "benchmark of the project"
    session = [{"rest": {"posture": "supine", "for": "1 min"}}, {"massage": "leg-massage"}]
    day = [
        {"stand": {"for": "2 h"}},
        {"walk": {"speed": "3 km/h", "for": "10 min"}},
        {"sit": {"for": "11 h"}},
        {"massage": "leg-massage"},
        {"stand": {"for": "2 h"}},
        {"lie": {"for": "8 h"}},
    ]
    alone = _timed(lambda: vl.simulate(PERSON, session, research_override=reason), 2)
    begin = time.perf_counter()
    run = vl.simulate(PERSON, day, research_override=reason)
    wall, memory = time.perf_counter() - begin, _memory()  # before the batch, which holds more
    many = _timed(lambda: vl.simulate([PERSON] * MANY, session, research_override=reason), 1)
    return {
        "massage of 48 min with tissue and lymph, warm, s": {**_spread(alone), "aim": "at most 20"},
        "the same in a batch of 64, s per member": {"value": _round(min(many) / MANY), "aim": "at most 10"},
        "a day of 24 h with tissue and lymph, s": {
            "value": _round(wall),
            "aim": "at most 60",
            "note": f"{run.time[-1] / 3600:.1f} simulated hours",
        },
        "memory of that day, MB": {"value": _round(memory)},
    }


def face() -> dict[str, Any]:
    """Head and neck: a day of one half, a facial on both, and half an hour in a batch beside half an hour alone."""
    import venolymph as vl

    def steps(*steps: Any) -> dict[str, Any]:
        return {"kind": "regimen", "version": 1, "body": "face", "steps": list(steps)}

    reason, person = "benchmark of the project", "rested"
    lain = vl.simulate(
        person, steps({"lie": {"for": "1 h"}}, {"massage": "facial-eyes-only"}), research_override=reason
    )
    facial = steps({"massage": "facial-massage"})
    day = _timed(lambda: vl.simulate(person, "day-of-a-face"), 2)
    session = _timed(lambda: vl.simulate(begin_from=lain, regimen=facial, research_override=reason), 2)
    sitting = steps({"sit": {"for": "30 min"}})
    alone, many = (_timed(lambda n=n: vl.simulate([person] * n, sitting), 1) for n in (1, MANY))
    share = min(many) / MANY / min(alone)
    return {
        "a day of half a face, warm, s": {**_spread(day), "aim": "at most 30"},
        "a facial of 25 min on both halves, warm, s": {**_spread(session), "aim": "at most 8"},
        "half an hour in a batch of 64, a member over one alone": {"value": _round(share), "aim": "at most 0.6"},
    }


def svzerod() -> dict[str, Any]:
    """Circuits of svZeroDSolver beside the package `svzerod`: same step, same core, slope between two lengths."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp
    import svzerod as package

    from circuits import POINTS, chain, tree
    from venolymph.interop.svzerod import read
    from venolymph.network.parameters import stack

    short, long = 1, 4
    steps = (long - short) * (POINTS - 1)

    def slope(taking: Callable[[int], float]) -> float:
        """Microseconds a step."""
        return 1e6 * (min(taking(long) for _ in range(2)) - min(taking(short) for _ in range(2))) / steps

    def of_package(make: Any, vessels: int, cycles: int) -> float:
        solver = package.Solver(make(vessels, cycles))
        begin = time.perf_counter()
        solver.run()
        return time.perf_counter() - begin

    def of_ours(model: Any, values: Any, scheme: str) -> float:
        begin = time.perf_counter()
        model.solve(values, scheme)
        return time.perf_counter() - begin

    found: dict[str, Any] = {}
    for make, sizes in ((tree, (1, 3, 7, 31, 127, 511)), (chain, (10, 50, 200))):
        for vessels in sizes:
            models = {cycles: read(make(vessels, cycles)) for cycles in (short, long)}
            given = models[short].values
            cohort = stack(
                [eqx.tree_at(lambda v: v.resistance, given, given.resistance * (1 + n / 100)) for n in range(64)]
            )
            theirs = slope(lambda cycles, make=make, vessels=vessels: of_package(make, vessels, cycles))
            row: dict[str, Any] = {"svzerod, us per step": _round(theirs)}
            for scheme in ("generalised-alpha", "ours"):
                first = of_ours(models[short], given, scheme)
                alone = slope(lambda cycles, m=models, v=given, s=scheme: of_ours(m[cycles], v, s))
                row[scheme] = {
                    "us per step": _round(alone),
                    "times faster": _round(theirs / alone),
                    "compile and first call, s": _round(first),
                }
                if vessels in (31, 127, 50):
                    of_ours(models[short], cohort, scheme)
                    each = slope(lambda cycles, m=models, v=cohort, s=scheme: of_ours(m[cycles], v, s)) / 64
                    row[scheme] |= {
                        "in 64, us per step and member": _round(each),
                        "in 64, times faster": _round(theirs / each),
                    }
            name = "tree of RCL vessels" if make is tree else "chain of RC vessels and valves"
            aims = {"aim alone": "at least 5 times faster", "aim in 64": "at least 10 times faster"}
            found[f"svzerod: {name}, {vessels}"] = row | (aims if vessels >= 31 else {})
    model = read(tree(31, 1))

    def pressure(values: Any) -> Any:
        return jnp.mean(model.trajectory(values)[0])

    forward, both = jax.jit(pressure), jax.jit(jax.value_and_grad(pressure))
    plain = min(_timed(lambda: jax.block_until_ready(forward(model.values)), 5))
    reverse = min(_timed(lambda: jax.block_until_ready(both(model.values)), 5))
    found["svzerod: gradient over forward, tree of 31"] = {"value": _round(reverse / plain), "aim": "at most 6"}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(tree(31, 1), file)
        file.flush()

        def shell() -> None:
            command = [sys.executable, "-m", "venolymph", "svzerod", file.name]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

        found["svzerod: short case from the shell, cached, s"] = {**_spread(_timed(shell, 3)), "aim": "at most 3"}
    return found


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "start_to_result": start_to_result,
    "compiling": compiling,
    "steps": steps,
    "whole_runs": whole_runs,
    "gradient": gradient,
    "long_day": long_day,
    "tissue": tissue,
    "face": face,
    "svzerod": svzerod,
}


# ------------------------------------------------------------------------------------------------ what parts share


class _network:  # noqa: N801 (reads as a function)
    """A varicose leg in mid-gait, ready for `advance`; members of a batch differ in calibre by a few per cent."""

    def __init__(self, batch: int) -> None:
        import equinox as eqx
        import jax
        import jax.numpy as jnp
        import numpy as np

        import venolymph as vl
        from venolymph.network import integrate

        run = vl.simulate(PERSON, GAIT)
        walking = next(r for r in reversed(run.records) if r.info.marks.stage == "cycles")
        wider = jnp.asarray(np.linspace(0.95, 1.05, batch) if batch > 1 else np.ones(1))

        def laid(tree: Any) -> Any:
            return jax.tree.map(lambda leaf: leaf if jnp.ndim(leaf) == 0 else jnp.repeat(leaf, batch, axis=-1), tree)

        parameters, state = laid(run.parameters), laid(walking.state)
        self.parameters = eqx.tree_at(
            lambda p: p.cells.unstressed_area, parameters, parameters.cells.unstressed_area * wider
        )
        self.state = eqx.tree_at(lambda s: s.states.volume, state, state.states.volume * wider)
        self.topology, self.drive = run.topology, laid(walking.drive)
        self.stride, self.samples = 10, 32 if batch <= 64 else 8
        self.advance = integrate.advance
        self.leg_cells = sum(len(s.cells) for s in run.body.segments.values() if s.leg == run.body.index_side)

    def arguments(self, stride: int) -> tuple:
        import jax.numpy as jnp

        from venolymph.network.integrate import Steps

        return (
            self.topology,
            self.parameters,
            self.drive,
            self.state,
            Steps(jnp.asarray(0.0), jnp.asarray(0.005), jnp.asarray(stride), self.samples),
        )


def _timed(action: Callable[[], Any], repeats: int) -> list[float]:
    action()  # compiles
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return times


def _spread(values: list[float]) -> dict[str, Any]:
    return {"least": _round(min(values)), "median": _round(statistics.median(values)), "repeats": len(values)}


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _memory(whose: int = resource.RUSAGE_SELF) -> float:
    """The most memory that this process (or one of its children) held, MB."""
    peak = resource.getrusage(whose).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _work(part: str) -> None:
    """Inside a part's own process: pin to one core before JAX starts its threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {CORE})
    found = PARTS[part]()
    print(json.dumps({"found": found, "memory": _memory()}))


def _measure(part: str, limit: float) -> dict[str, Any]:
    """A part's numbers, from a process of its own that may take `limit` s."""
    if limit <= 0.0:
        return {part: {"error": f"left out: the others took {LIMIT:.0f} s"}}
    cache = tempfile.mkdtemp(prefix="venolymph-bench-")
    environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": cache}
    if part == "compiling":
        environment["JAX_ENABLE_COMPILATION_CACHE"] = "false"
    begin = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--work", part],
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {part: {"error": f"not done after {limit:.0f} s"}}
    finally:
        shutil.rmtree(cache, ignore_errors=True)
        print(f"{part}: {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    if done.returncode:
        return {part: {"error": done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]}}
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return {**told["found"], f"memory of the part {part}, MB": {"value": _round(told["memory"])}}


def main() -> None:
    """Measure the parts asked for, all by default, and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--work", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        _work(given.work)
        return
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part named {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    import jax

    import venolymph

    load, begin = os.getloadavg()[0], time.monotonic()
    numbers: dict[str, Any] = {}
    for part in given.parts or PARTS:
        numbers |= _measure(part, LIMIT - (time.monotonic() - begin))
    machine = {
        "processor": _processor(),
        "pinned to core": CORE,
        "cores": os.cpu_count(),
        "load average before and after": [_round(load), _round(os.getloadavg()[0])],
        "python": platform.python_version(),
        "jax": jax.__version__,
        "venolymph": venolymph.__version__,
    }
    print(json.dumps({"machine": machine, "numbers": numbers}, indent=2))


if __name__ == "__main__":
    main()
