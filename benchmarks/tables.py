"""Measurements as Markdown."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from benchmarks.measure import Timings
from benchmarks.peers import in_c, postgres, version_of

LIBRARIES = ("numpy", "numba", "polars", "duckdb", "networkx", "scipy")


def seconds_text(seconds: float) -> str:
    """Return seconds with three digits."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"


def memory_text(peak: int) -> str:
    """Return bytes as megabytes."""
    return f"{peak / 1e6:,.0f} MB" if peak else "-"


def ratio_table(timings: Mapping[str, Timings], reference: str, heading: str = "") -> list[str]:
    """Return rows with median, spread and ratios to a reference, by wall and CPU time; with memory if measured."""
    memory = any(timing.peak for timing in timings.values())
    lines = [f"| {heading} | median | spread | ratio | CPU | CPU ratio |" + (" peak memory |" if memory else "")]
    lines.append("|---|---:|---:|---:|---:|---:|" + ("---:|" if memory else ""))
    base = timings[reference]
    for name, timing in timings.items():
        shown = f"**{name}**" if name == reference else name
        row = f"| {shown} | {seconds_text(timing.median)} | {timing.spread:.0%} | {timing.median / base.median:.2f} |"
        row += f" {seconds_text(timing.median_work)} | {timing.median_work / base.median_work:.2f} |"
        lines.append(row + (f" {memory_text(timing.peak)} |" if memory else ""))
    return [*lines, ""]


def processor() -> str:
    """Return the model of the processor."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (named := re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text())):
        return named[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return ""
    return f", {size / 2**30:.0f} GiB"


@cache
def machine() -> str:
    """Return what the numbers are measured on: the machine, the libraries and what they are held against."""
    found = [f"{name} {known}" for name in LIBRARIES if (known := version_of(name))]
    found.append(f"SQLite {sqlite3.sqlite_version}")
    found += [known for known in (in_c.version_text(), postgres.version_text()) if known]
    cores = f"{processor()}, {os.cpu_count()} cores{_memory()}"
    return f"{cores}; {platform.system()}, Python {platform.python_version()}; {', '.join(found)}."


def write_section(path: Path, name: str, lines: Sequence[str]) -> None:
    """Replace one section, between its marks, of a Markdown file.

    Raises
    ------
    ValueError
        The file has no such marks.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text = path.read_text(encoding="utf-8")
    before, opened, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"{path} has no section {name}")
    path.write_text(before + start + "\n" + "\n".join(lines).rstrip() + "\n" + end + after, encoding="utf-8")
