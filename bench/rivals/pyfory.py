"""Apache Fory's Python-native mode with references tracked, any class allowed."""

import pyfory

name = "pyfory"
_fory = pyfory.Fory(xlang=False, ref=True, strict=False)
dumps = _fory.serialize
loads = _fory.deserialize
options = ()
