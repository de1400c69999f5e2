"""How a cohort scales: `python bench/cohort_scaling.py` prints what docs/explanation/scale.md says of one machine.

Each cohort is run once to compile, then timed; processor time is that of workers and scheduler together.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.cohort import follow_cohort
from venolymph.cohort.following import cohort_settings
from venolymph.cohort.store import create_cohort, mark_done, write_part
from venolymph.population import draw_members, load_population

POPULATION = "primary-varicose"
MEASURES = ("ankle pressure", "pressure at great saphenous, thigh")
LYING: dict[str, Any] = {"kind": "regimen", "version": 1, "regimen": "lying", "steps": [{"lie": {"for": "1 s"}}]}
PARTS = 1000


def cohort(workers: int, number: int, chunk: int, regimen: Any) -> tuple[float, float, float]:
    """Wall time, processor time of ended children, and load of the machine before it, for a cohort in a new folder."""
    before, load = resource.getrusage(resource.RUSAGE_CHILDREN), os.getloadavg()[0]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {} if isinstance(regimen, str) else {"measures": MEASURES}
        follow_cohort(
            POPULATION,
            [regimen],
            number=number,
            seed=1,
            out=Path(folder) / "out",
            chunk=chunk,
            workers=workers,
            **given,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, used, load


def store() -> tuple[float, float]:
    """Processor time of writing and marking a part of 64 people, s, and of drawing them."""
    settings = cohort_settings(POPULATION, [LYING], 64 * 100, 1, MEASURES)
    members = draw_members(load_population(POPULATION), 64, 1).members
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        create_cohort(out, settings)
        start = time.process_time()
        for task in settings.tasks:
            write_part(out, settings.part(task), {name: np.zeros(64) for name in MEASURES}, members)
            mark_done(out, task, {}, {})
        written = (time.process_time() - start) / len(settings.tasks)
    start = time.process_time()
    draw_members(load_population(POPULATION), 64, 1)
    return written, time.process_time() - start


def tasks() -> float:
    """Processor time of handing out a part and taking back its name, s: scheduler, client and worker together."""
    import distributed

    settings = cohort_settings(POPULATION, [LYING], 64 * PARTS, 1, MEASURES)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        start = time.process_time()
        waiting = [client.submit(_nothing, settings.part(task), pure=False) for task in settings.tasks]
        client.gather(waiting)
        return (time.process_time() - start) / PARTS


def _nothing(part: Any) -> Any:
    return part.task


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=64)
    options.add_argument("--chunk", type=int, default=8)
    options.add_argument("--regimen", default=None, help="a packaged one; 1 s of lying where not given")
    options.add_argument("--workers", type=int, nargs="*", default=[1, 2, 1, 2])
    given = options.parse_args()
    print("write a part {:.4f} s, draw 64 people {:.4f} s".format(*store()))
    print(f"hand out a part {tasks():.5f} s")
    regimen = given.regimen or LYING
    cohort(1, given.chunk, given.chunk, regimen)
    for workers in given.workers:
        wall, used, load = cohort(workers, given.people, given.chunk, regimen)
        print(f"{given.people} people, {workers} workers: {wall:.1f} s, processor {used:.1f} s, load {load:.1f}")


if __name__ == "__main__":
    main()
