"""A plan of each family against the seven-level unilevel."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks import families as plans
from benchmarks import tables
from benchmarks.figures import Figure, Found, Row, Settings
from benchmarks.measure import Timings, interleaved

AIM = 1.5
AGAINST = "the seven-level unilevel"


def calculation(settings: Settings) -> Found:
    """Measure everything between input that has been checked and output."""
    size = settings.size(1_000_000)
    cases = {name: plans.calculation(plans.prepared(name, size)) for name in plans.FAMILIES}
    for case in cases.values():
        case()
    return _found(interleaved(cases, settings.repetitions), size, "the calculation alone")


def whole(settings: Settings, members: int) -> Found:
    """Measure files in, files out."""
    size = settings.size(members)
    cases = {name: plans.whole(name, size) for name in plans.FAMILIES}
    for case in cases.values():
        case()
    return _found(interleaved(cases, settings.repetitions), size, "the whole run")


def _found(timings: Mapping[str, Timings], size: int, what: str) -> Found:
    base = timings[plans.REFERENCE]
    others = [name for name in plans.FAMILIES if name != plans.REFERENCE]
    ratios = {name: timings[name].median / base.median for name in others}
    worst = max(ratios, key=lambda name: ratios[name])
    shown = ", ".join(f"{name} {ratios[name]:.2f}" for name in others)
    figure = Figure(
        f"a plan of each family, {size:,} members, {what}",
        AGAINST,
        AIM,
        ratios[worst],
        work=timings[worst].median_work / base.median_work,
        reference=base.median,
        note=shown,
    )
    return Found([figure], tables.ratio_table(timings, plans.REFERENCE, f"{size:,} members: {what}"))


ROWS = [
    Row(
        "families",
        "Families: the calculation alone",
        "a plan of each family, 1,000,000 members, the calculation alone",
        AGAINST,
        "1.5",
        calculation,
    ),
    Row(
        "families_whole",
        "Families: the whole run, a hundred thousand members",
        "a plan of each family, 100,000 members, the whole run",
        AGAINST,
        "1.5",
        lambda settings: whole(settings, 100_000),
    ),
    Row(
        "families_1m",
        "Families: the whole run, a million members",
        "a plan of each family, 1,000,000 members, the whole run",
        AGAINST,
        "1.5",
        lambda settings: whole(settings, 1_000_000),
        "long",
    ),
]
