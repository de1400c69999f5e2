"""All phases of a run as one Zarr group."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.simulation import datasets
from venolymph.simulation.folder_reading import OpenFolder
from venolymph.simulation.quantities import ARRAYS, EXTREMES, RecordedQuantity, variable

_CHUNK = 1 << 19
"""Greatest number of float64 in one chunk of the results (4 MiB)."""


def write_results(path: Path, opened: OpenFolder) -> None:
    """Write all phases as one Zarr 3 group, phase after phase so that memory does not grow with the run."""
    import zarr
    from zarr.codecs import ZstdCodec

    group = zarr.open_group(path, mode="w", zarr_format=3)
    beside = opened.coordinates
    told = datasets.without_dimension([*beside, *opened.array_names])
    group.attrs.update({**opened.attributes, "complete": 1, "coordinates": " ".join(told)})

    def make(name: str, what: RecordedQuantity, kind: Any) -> Any:
        sizes = {"time": sum(opened.samples), "exchange": sum(opened.exchanges)}
        sizes |= {"phase": len(opened.phases), "member": len(opened.people)}
        sizes |= {dim: len(values) for dim, values in opened.labels.names.items()}
        shape = tuple(sizes[dim] for dim in what.dims)
        across = max(1, math.prod(shape[1:]))
        chunks = (max(1, min(shape[0], _CHUNK // across)), *(max(1, size) for size in shape[1:]))
        return group.create_array(
            variable(name),
            shape=shape,
            dtype=kind,
            chunks=chunks,
            fill_value=float("nan") if np.issubdtype(kind, np.floating) else 0,
            compressors=[ZstdCodec(level=1, checksum=True)],
            dimension_names=what.dims,
            attributes=dict[str, Any](what.attributes),
            config={"write_empty_chunks": True},
        )

    first = opened.arrays(phase=0)
    targets = {name: make(name, ARRAYS[name], first[name].dtype) for name in opened.array_names}
    # Chunks are filled whole: rows wait until a chunk is full, so that none is compressed twice.
    waiting: dict[str, list[np.ndarray]] = {name: [] for name in targets}
    written = dict.fromkeys(targets, 0)
    for number in range(len(opened.phases)):
        last = number + 1 == len(opened.phases)
        for name, value in (first if number == 0 else opened.arrays(phase=number)).items():
            waiting[name].append(value)
            held = sum(len(part) for part in waiting[name])
            size = targets[name].chunks[0]
            take = held if last else held - held % size
            if take:
                joined = np.concatenate(waiting[name])
                targets[name][written[name] : written[name] + take] = joined[:take]
                written[name] += take
                waiting[name] = [joined[take:]]
    for name, value in opened.extremes().items():
        make(name, EXTREMES[name], value.dtype)[:] = value
    for name, (dims, value, attributes) in beside.items():
        array = group.create_array(
            name,
            shape=value.shape,
            chunks=tuple(max(1, size) for size in value.shape),
            dtype=str if value.dtype == object else value.dtype,
            dimension_names=dims,
            attributes=dict[str, Any](attributes),
        )
        array[:] = value
    # All metadata in one place too, which is where xarray looks first and warns where it finds none. Zarr says that
    # its standard does not describe this yet; readers that do not know it read the arrays' own.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata", category=UserWarning)
        zarr.consolidate_metadata(path, zarr_format=3)
