"""Differential fuzzing: brinery and the stdlib agree, or both refuse."""
