"""Measurements as Markdown."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from benchmarks.measure import Timings

LIBRARIES = ("numpy", "numba", "polars", "duckdb", "networkx")


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


def machine() -> list[str]:
    """Return what the numbers were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text())
        model = named[1] if named else model
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [f"{model}, {cpu_count()} cores; {platform.system()}, Python {platform.python_version()}; {versions}.", ""]


def write_section(path: Path, name: str, lines: Sequence[str]) -> None:
    """Replace one section, between its marks, of a Markdown file."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    path.write_text(before + start + "\n" + "\n".join(lines).rstrip() + "\n" + end + after, encoding="utf-8")
