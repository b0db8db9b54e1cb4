"""Send an array without copying it: its memory goes to a callback, the pickle itself stays small."""

from __future__ import annotations

import numpy as np

from brinery import pickle


def main() -> None:
    array = np.arange(1_000_000, dtype="f8")
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(array, protocol=5, buffer_callback=buffers.append)
    print(f"{len(data)} bytes in band, {sum(each.raw().nbytes for each in buffers):,} bytes out of band")

    loaded = pickle.loads(data, buffers=buffers)
    print("the same memory:", np.shares_memory(array, loaded))


if __name__ == "__main__":
    main()
