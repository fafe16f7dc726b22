"""Each kernel against the same loop in C."""

from __future__ import annotations

from benchmarks.figures import Figure, Found, Row, Settings
from benchmarks.loops import LOOPS, Columns, beside
from benchmarks.measure import interleaved
from benchmarks.peers import in_c
from benchmarks.tables import seconds_text

AIM = 1.1


def kernels(settings: Settings) -> Found:
    """Measure all of them on the columns of one company; the answers are compared first."""
    in_c.compiler()
    size = settings.size(1_000_000)
    columns, ratios = Columns(size), dict[str, tuple[float, float]]()
    details = [f"| {size:,} members | kernel | C | ratio | by CPU |", "|---|---:|---:|---:|---:|"]
    for kernel, loops in LOOPS.items():
        for loop in loops:
            own, twin = beside(loop, columns)
            # Short ones: what disturbs one repetition would otherwise be most of it.
            found = interleaved({"own": own, "C": twin}, 2 * settings.repetitions - 1, tidy=False)
            mine, theirs = found["own"], found["C"]
            name = f"{kernel}: {loop.name}"
            ratios[name] = mine.median / theirs.median, mine.median_work / max(theirs.median_work, 1e-9)
            shown = f"{ratios[name][0]:.2f} | {ratios[name][1]:.2f}"
            details.append(f"| {name} | {seconds_text(mine.median)} | {seconds_text(theirs.median)} | {shown} |")
    worst = max(ratios, key=lambda name: ratios[name][0])
    met = sum(round(wall, 2) <= AIM for wall, _ in ratios.values())
    figure = Figure(
        f"each kernel ({', '.join(LOOPS)}), {size:,} members",
        f"the same loop in C, {' '.join(in_c.FLAGS[:2])}",
        AIM,
        ratios[worst][0],
        work=ratios[worst][1],
        note=f"the worst, {worst}; {met} of {len(ratios)} loops meet it",
    )
    return Found([figure], [*details, "", f"Compiled by {in_c.compiler_version()}; all answers are equal."])


ROWS = [
    Row(
        "kernels",
        "Kernels",
        f"each kernel ({', '.join(LOOPS)})",
        "the same loop in C, -O3 -march=native",
        "1.1",
        kernels,
    )
]
