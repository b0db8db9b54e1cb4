"""msgspec's MessagePack without a schema: plain data comes back, classes come back as dicts and don't count."""

import msgspec

name = "msgspec"
dumps = msgspec.msgpack.Encoder().encode
loads = msgspec.msgpack.Decoder().decode
options = ()
