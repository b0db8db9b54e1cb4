"""Leave what lives in a database out of the pickle: persistent ids, as with the stdlib's Pickler and Unpickler."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from brinery import pickle


@dataclass(frozen=True)
class Product:
    sku: str
    title: str


CATALOGUE = {"p-1": Product("p-1", "ink"), "p-2": Product("p-2", "paper")}


class CartPickler(pickle.Pickler):
    """Writes a product as its number only."""

    def persistent_id(self, obj: Any) -> Any:
        return ("product", obj.sku) if isinstance(obj, Product) else None


class CartUnpickler(pickle.Unpickler):
    """Looks a product up in the catalogue."""

    def persistent_load(self, pid: Any) -> Any:
        kind, sku = pid
        if kind != "product" or sku not in CATALOGUE:
            raise pickle.UnpicklingError(f"no such object: {pid!r}")
        return CATALOGUE[sku]


def main() -> None:
    cart = {"owner": "ada", "items": [CATALOGUE["p-1"], CATALOGUE["p-2"], CATALOGUE["p-1"]]}
    file = io.BytesIO()
    CartPickler(file).dump(cart)
    file.seek(0)
    loaded = CartUnpickler(file).load()
    print("titles are not in the pickle:", b"paper" not in file.getvalue())
    print("products are the catalogue's own:", all(a is b for a, b in zip(cart["items"], loaded["items"], strict=True)))


if __name__ == "__main__":
    main()
