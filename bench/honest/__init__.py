"""Pickles of real objects, such as people keep: what the vetted list has to open without being asked.

Every case makes its object, which the stdlib's own ``pickle`` writes, and says what the object answers, so that the
loaded one can be asked the same.
"""
