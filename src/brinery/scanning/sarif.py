"""Findings as SARIF, the format that code hosts and editors show.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from brinery.scanning.report import FileReport, Finding, ScanReport

__all__ = ["to_sarif"]

LEVELS = {"low": "note", "medium": "warning", "high": "error"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(report: ScanReport, version: str) -> dict[str, Any]:
    """The findings of a scan, as plain data for JSON.

    Args:
        report: What was found.
        version: Of brinery.
    """
    codes = sorted({each.code for each in report.findings})
    results = [result_of(file, each, codes) for file in report.files for each in file.all_findings]
    driver = {
        "name": "brinery",
        "version": version,
        "rules": [{"id": code, "shortDescription": {"text": code.replace("-", " ")}} for code in codes],
    }
    run = {"tool": {"driver": driver}, "invocations": [{"executionSuccessful": True}], "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def result_of(file: FileReport, finding: Finding, codes: list[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": uri_of(file.path)}}
    if finding.offset is not None and not finding.place:
        location["region"] = {"byteOffset": finding.offset, "byteLength": 1}
    where: dict[str, Any] = {"physicalLocation": location}
    if finding.place:
        where["logicalLocations"] = [{"fullyQualifiedName": finding.place}]
    place = f"{finding.place}: " if finding.place else ""
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": LEVELS[finding.severity],
        "message": {"text": place + finding.message},
        "locations": [where],
    }


def uri_of(path: str) -> str:
    """Relative paths stay relative, as code hosts want them."""
    if not path:
        return "bytes"
    found = Path(path)
    return found.as_uri() if found.is_absolute() else quote(os.fsencode(found.as_posix()))
