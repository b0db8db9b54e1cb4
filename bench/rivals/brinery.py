"""brinery.pickle at protocol 5."""

from brinery import pickle

name = "brinery"
dumps = pickle.dumps
loads = pickle.loads
options = (5,)
