"""The stdlib's C pickle at protocol 5."""

import pickle

name = "_pickle"
dumps = pickle.dumps
loads = pickle.loads
options = (5,)
