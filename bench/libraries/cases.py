"""The matrix of objects of real libraries."""

from bench.libraries import arrays, records, tools, web

CASES = [*records.CASES, *arrays.CASES, *web.CASES, *tools.CASES]
