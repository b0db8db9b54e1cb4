"""cloudpickle: the C pickle with a Python reducer for what it can't take."""

import cloudpickle

name = "cloudpickle"
dumps = cloudpickle.dumps
loads = cloudpickle.loads
options = (5,)
