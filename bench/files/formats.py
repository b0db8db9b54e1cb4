"""Ways to keep arrays in a file. Each writes a dict of arrays, and reads it back."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import brinery

Arrays = dict[str, Any]


class Format(NamedTuple):
    name: str
    write: Callable[[Arrays, str], object]
    read: Callable[[str], Arrays]
    package: str


def write_pickle(arrays: Arrays, path: str) -> None:
    with open(path, "wb") as file:
        pickle.dump(arrays, file, protocol=5)


def read_pickle(path: str) -> Arrays:
    with open(path, "rb") as file:
        return pickle.load(file)  # type: ignore[no-any-return]


def read_npz(path: str) -> Arrays:
    with np.load(path) as found:
        return dict(found)


def write_h5(arrays: Arrays, path: str) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array


def read_h5(path: str) -> Arrays:
    import h5py

    with h5py.File(path) as file:
        return {name: file[name][()] for name in file}


def write_zarr(arrays: Arrays, path: str) -> None:
    import zarr

    with zarr.storage.ZipStore(path, mode="w") as store:
        group = zarr.group(store)
        for name, array in arrays.items():
            group.create_array(name, data=array, compressors=None)


def read_zarr(path: str) -> Arrays:
    import zarr

    with zarr.storage.ZipStore(path, mode="r") as store:
        group = zarr.open_group(store, mode="r")
        return {name: group[name][:] for name in group.array_keys()}


def write_safetensors(arrays: Arrays, path: str) -> None:
    from safetensors.numpy import save_file

    save_file(arrays, path)


def read_safetensors(path: str) -> Arrays:
    from safetensors.numpy import load_file

    return load_file(path)  # type: ignore[no-any-return]


def write_joblib(arrays: Arrays, path: str) -> None:
    import joblib

    joblib.dump(arrays, path)


def read_joblib(path: str) -> Arrays:
    import joblib

    return joblib.load(path)  # type: ignore[no-any-return]


def write_arrow(arrays: Arrays, path: str) -> None:
    import pyarrow as pa

    table = pa.table(arrays)
    with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def read_arrow(path: str) -> Arrays:
    import pyarrow as pa

    with pa.OSFile(path, "rb") as file:
        table = pa.ipc.open_file(file).read_all()
    return {name: table[name].to_numpy() for name in table.column_names}


FORMATS = [
    Format("brinery", brinery.dump, brinery.load, "brinery"),
    Format(
        "brinery, mapped, verify=full",
        brinery.dump,
        lambda path: brinery.load(path, mmap=True, verify="full"),
        "brinery",
    ),
    Format("pickle, protocol 5", write_pickle, read_pickle, "python"),
    Format("NumPy, npz", lambda arrays, path: np.savez(path, **arrays), read_npz, "numpy"),
    Format("joblib", write_joblib, read_joblib, "joblib"),
    Format("safetensors", write_safetensors, read_safetensors, "safetensors"),
    Format("HDF5 (h5py)", write_h5, read_h5, "h5py"),
    Format("zarr, in a zip", write_zarr, read_zarr, "zarr"),
    Format("Arrow IPC", write_arrow, read_arrow, "pyarrow"),
]
