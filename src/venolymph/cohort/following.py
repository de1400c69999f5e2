"""A cohort from beginning to end: chunks handed to workers, and what is done kept whatever dies."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from venolymph.cohort.measuring import check_measures, check_override, measure_members
from venolymph.cohort.store import (
    CohortPart,
    CohortSettings,
    Task,
    create_cohort,
    dataset_of,
    mark_done,
    open_folder,
    write_part,
)
from venolymph.errors import DocumentError, RunError
from venolymph.population import Member, draw_members, load_population
from venolymph.regimen import load_regimen
from venolymph.simulation.files import HeldFolder, take_lock
from venolymph.version import version

if TYPE_CHECKING:
    import xarray as xr

CHUNK = 64
"""Members computed side by side where nothing else is said."""
Progress = Callable[[float, float, str], None]
"""Called with people through a regimen who are done, how many there are in all, and what was done."""
Told = Callable[[str], None]
"""Called with a line about the cluster: where its dashboard is."""


def follow_cohort(
    population: object,
    regimens: Sequence[object],
    *,
    out: str | Path,
    number: int | None = None,
    seed: int = 0,
    measures: Sequence[str] | None = None,
    **options: Any,
) -> xr.Dataset:
    """Take people through regimens, in chunks over processes or machines, into a folder.

    Args:
        population: from which members are drawn (a packaged name, a path, a document), or the members themselves.
        regimens: what each of them goes through, one after the other from rest: names, paths, documents.
        out: folder, which must not exist or be empty, or with `resume` hold the same cohort. Every worker writes to it.
        number: how many members; all of those given where None.
        seed: by which members are drawn.
        measures: names of what is read after each regimen; those that the regimens name where None.
        options: `chunk` (members computed side by side, 64; numbers depend on it by rounding alone), `workers`
            (processes on this machine, one a core where None; 0: here, without Dask), `scheduler` (address such as
            `tcp://host:8786`, or a `distributed.Client`, in place of them), `resume`, `research_override`, `legs`,
            `progress`, `tell`.

    Returns:
        the readings, lazily: see `open_cohort`.

    Raises:
        DocumentError: where population or regimens cannot be used, or nobody is asked for.
        MeasureError: where there is no such measure, or none is asked for.
        RunError: where the folder cannot be used or written, or workers or scheduler were lost; what is done is kept.
        SimulationError: where the recorded reason is not in words.
    """
    resume = options.pop("resume", False)
    making = {name: options.pop(name) for name in ("chunk", "research_override", "legs") if name in options}
    settings = cohort_settings(population, regimens, number, seed, measures, **making)
    path = Path(out)
    if resume and path.exists():
        folder = open_folder(path)
        if folder.settings.document() != settings.document():
            raise RunError(
                "the cohort in this folder is another one",
                place=str(path),
                hint="go on with it as it is by finish_cohort(folder), or name another folder",
            )
    else:
        create_cohort(path, settings)
    return finish_cohort(path, **options)


def cohort_settings(
    population: object,
    regimens: Sequence[object],
    number: int | None,
    seed: int,
    measures: Sequence[str] | None,
    *,
    chunk: int = CHUNK,
    research_override: str | None = None,
    legs: Literal["one", "both"] = "one",
) -> CohortSettings:
    """What the numbers of a cohort follow from, checked; arguments as of `follow_cohort`.

    Raises:
        DocumentError, MeasureError, SimulationError: as there.
    """
    documents = [load_regimen(one) for one in regimens]
    if not documents:
        raise DocumentError("there is no regimen", hint="give one, such as 'posture-and-walk'")
    check_override(research_override)
    names = tuple(dict.fromkeys(measures or [name for one in documents for name in one.measures]))
    if not names:
        raise DocumentError("nothing is to be read", hint="name measures, such as VFI: `venolymph measures` lists them")
    for one in documents:
        check_measures(names, one, legs)
    given = isinstance(population, list | tuple)
    members: tuple[Member, ...] = tuple(population)[:number] if given else ()
    count = len(members) if given else number
    if count is None or count < 1 or (number is not None and number < 1):
        raise DocumentError(f"{number or 0} people are asked for; allowed is 1 or more", hint="such as --n 100")
    if chunk < 1:
        raise DocumentError(f"chunks of {chunk} people; allowed is 1 or more", hint=f"leave it out for {CHUNK}")
    drawn_from = None if given else load_population(population)
    if drawn_from is not None:
        draw_members(drawn_from, 1, seed)  # a population of nobody is refused before anything is begun
    return CohortSettings(
        number=count,
        seed=seed,
        chunk=min(chunk, count),
        measures=names,
        regimens=tuple(one.document() for one in documents),
        population=None if drawn_from is None else drawn_from.document(),
        members=tuple(one.document() for one in members),
        override=research_override,
        legs=legs,
    )


def open_cohort(out: str | Path) -> xr.Dataset:
    """The readings of a cohort in a folder, as far as it is.

    Returns:
        a variable for each measure with dimensions `regimen` and `member`, read when it is used; coordinates `age`,
        `height`, `mass`, `sex`, `group`; `cause`: why somebody has no readings.

    Raises:
        RunError: where the folder is none of a cohort.
    """
    return dataset_of(open_folder(Path(out)))


def finish_cohort(
    out: str | Path,
    *,
    workers: int | None = None,
    scheduler: Any = None,
    progress: Progress | None = None,
    tell: Told | None = None,
) -> xr.Dataset:
    """Go on with the cohort in a folder: only what is missing is computed.

    Args:
        out: the folder.
        workers: processes on this machine, one a core where None; 0: here, without Dask.
        scheduler: address of a scheduler of Dask, or a `distributed.Client`, in place of them.
        progress: called as chunks are done.
        tell: called with where the dashboard of Dask is.

    Raises:
        RunError: where the folder cannot be used or written, or workers or scheduler were lost; what is done is kept.
    """
    path = Path(out).resolve()
    folder = open_folder(path)
    settings = folder.settings
    if settings.venolymph != version():
        raise RunError(
            f"this cohort was begun by version {settings.venolymph}, and this is {version()}",
            place=str(path),
            hint="one cohort is computed by one version: go on with that one, or begin anew",
        )
    with HeldFolder(path, {}, take_lock(path)):
        missing = folder.missing
        total = settings.number * len(settings.regimens)
        done = total - sum(settings.people(task) for task in missing)
        if progress is not None and missing:
            progress(done, total, "beginning")
        parts = [settings.part(task) for task in missing]
        for task in _computed(path, parts, workers, scheduler, tell) if parts else ():
            done += settings.people(task)
            if progress is not None:
                progress(done, total, settings.regimen_names[task.regimen])
    return dataset_of(folder.again())


def compute_part(path: str, part: CohortPart) -> Task:
    """Draw, simulate, read and write one part; called where a worker is.

    Raises:
        MeasureError: where a measure cannot be read after the regimen.
        RunError: where the folder cannot be written.
    """
    settings, first = part.settings, part.settings.slice_of(part.task).start
    drawn = part.drawn()
    legs: Any = settings.legs
    read = measure_members(
        drawn.members,
        settings.regimens[part.task.regimen],
        settings.measures,
        research_override=settings.override,
        legs=legs,
        chunk=settings.chunk,
    )
    write_part(Path(path), part, read.values, drawn.members)
    failed = {first + number: why for number, why in enumerate(read.failed) if why is not None}
    mark_done(Path(path), part.task, failed, drawn.rejected)
    return part.task


def _computed(
    path: Path, parts: Sequence[CohortPart], workers: int | None, scheduler: Any, tell: Told | None
) -> Iterator[Task]:
    """Tasks as they are done, here or by Dask."""
    if workers == 0:
        yield from (compute_part(str(path), part) for part in parts)
        return
    with _client(workers, scheduler, len(parts), tell) as client, _losses(path):
        from distributed import as_completed

        # numbers go from workers into the folder; nothing but the name of a task comes back
        waiting = [
            client.submit(compute_part, str(path), part, key=f"cohort {path} {part.task.name}", pure=False)
            for part in parts
        ]
        try:
            for future in as_completed(waiting, loop=client.loop):
                yield future.result()
                future.release()
        finally:
            client.cancel(waiting)


@contextmanager
def _client(workers: int | None, scheduler: Any, parts: int, tell: Told | None) -> Iterator[Any]:
    """A client of a scheduler that is there, or of processes begun for this and ended after it."""
    try:
        import distributed
        from dask.system import CPU_COUNT
    except ImportError:
        raise RunError(
            "cohorts over several processes need Dask, which is not installed",
            hint='pip install "venolymph[cohort]", or compute here alone: --workers 0',
        ) from None
    if isinstance(scheduler, distributed.Client):
        yield scheduler
        return
    if scheduler is not None:
        try:
            client = distributed.Client(scheduler, set_as_default=False)
        except (OSError, ValueError) as error:
            raise RunError(
                f"no scheduler answers: {error}", place=str(scheduler), hint="such as --scheduler tcp://host:8786"
            ) from None
        with client:
            yield client
        return
    cluster: Any = distributed.LocalCluster(
        n_workers=min(workers or CPU_COUNT, parts),
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        if tell is not None:
            tell(f"dashboard: {cluster.dashboard_link}")
        yield client


@contextmanager
def _losses(path: Path) -> Iterator[None]:
    """Lost workers and a lost scheduler as one clear error."""
    from distributed import KilledWorker

    again = f"what is done is kept; go on by `venolymph cohort --resume {path}`"
    try:
        yield
    except KilledWorker as error:
        raise RunError(
            f"one part cost several workers their life: {error}", place=str(path), hint=f"smaller chunks; {again}"
        ) from None
    except (concurrent.futures.CancelledError, OSError) as error:
        raise RunError(f"the scheduler is gone: {error or type(error).__name__}", place=str(path), hint=again) from None
