"""Files against those of others: speed, memory, and what becomes of a flipped bit."""
