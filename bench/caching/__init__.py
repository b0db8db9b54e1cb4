"""Results of functions that are kept, against what others keep."""
