"""Pillow's pictures: memory is taken for the size they say, so there have to be as many pixels."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import is_count, refuse, require

KIND = "PIL.Image"
# Bits of a pixel, by mode.
BITS = {
    **dict.fromkeys(("L", "P"), 8),
    **dict.fromkeys(("LA", "PA", "La", "I;16", "I;16L", "I;16B", "I;16N"), 16),
    **dict.fromkeys(("RGB", "YCbCr", "LAB", "HSV"), 24),
    **dict.fromkeys(("RGBA", "RGBX", "RGBa", "CMYK", "I", "F"), 32),
    "1": 1,
}


def restore(obj: Any, state: Any) -> None:
    require(type(state) is list and 5 <= len(state) <= 6, KIND, "the state", "must be a list of five or six")
    info, mode, size, palette, data = state[:5]
    require(type(info) is dict, KIND, "info", "must be a dict")
    require(isinstance(mode, str) and mode in BITS, KIND, "mode", "must be one of Pillow's")
    known = type(size) is tuple and len(size) == 2 and all(is_count(each) for each in size)
    require(known, KIND, "size", "must be two numbers")
    require(palette is None or type(palette) in {list, bytes}, KIND, "palette", "must be numbers")
    width, height = size
    expected = (width * BITS[mode] + 7) // 8 * height
    require(type(data) is bytes and len(data) == expected, KIND, "data", f"must be {expected} bytes")
    try:
        obj.__setstate__(state)
    except (ValueError, TypeError, KeyError, OSError) as error:
        refuse(KIND, "the state", f"is refused by Pillow: {error}")
