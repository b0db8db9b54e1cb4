"""marshal: builtin types only, another format for each Python version."""

import marshal

name = "marshal"
dumps = marshal.dumps
loads = marshal.loads
options = ()
