"""Results of functions, kept for as long as what they depend on stays the same."""
