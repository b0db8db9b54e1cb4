"""What becomes of each part of an object when it is pickled, found out without loading anything."""

from brinery.explaining.report import Explanation, Finding, Part
from brinery.explaining.walk import explain

__all__ = ["Explanation", "Finding", "Part", "explain"]
