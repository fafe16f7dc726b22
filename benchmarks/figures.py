"""What a row of the table is, and what measuring it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from benchmarks.measure import Timings


class CannotMeasureError(Exception):
    """Something that a row needs is not on this machine; the text says what."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to measure.

    Attributes
    ----------
    repetitions : int
        At least so many, interleaved.
    part : int
        Sizes are divided by this: 1 for figures that count.
    """

    repetitions: int = 5
    part: int = 1

    def size(self, members: int) -> int:
        """Return how many members to take for so many."""
        return max(members // self.part, 1_000)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes
    ----------
    what, against : str
    aim : float or None
        Of the ratio; None where none was set.
    measured : float
        Ratio of medians.
    at_least : bool
        Whether the aim is a lower bound.
    work : float or None
        The ratio by CPU time.
    reference : float or None
        Median seconds of what it is measured against.
    memory, memory_aim : float or None
        Peak bytes per member.
    note : str
    """

    what: str
    against: str
    aim: float | None
    measured: float
    at_least: bool = False
    work: float | None = None
    reference: float | None = None
    memory: float | None = None
    memory_aim: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether every aim is met; None without one."""
        held: list[bool] = []
        if self.aim is not None:
            shown = round(self.measured, 2)
            held.append(shown >= self.aim if self.at_least else shown <= self.aim)
        if self.memory_aim is not None:
            held.append(self.memory is not None and round(self.memory) <= self.memory_aim)
        return all(held) if held else None


@dataclass(frozen=True, slots=True)
class Found:
    """What measuring a row found: its lines of the table, and tables with more of it in Markdown."""

    figures: Sequence[Figure]
    details: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `Found.of_json` takes back."""
        return {"figures": [asdict(figure) for figure in self.figures], "details": list(self.details)}

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Found:
        """Return what was stored."""
        return cls([Figure(**figure) for figure in stored["figures"]], stored["details"])


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of aims.

    Attributes
    ----------
    name : str
        By which ``--only`` knows it.
    title : str
        Heading of its details.
    what, against, aim : str
        Shown while it has not been measured.
    measure : callable
    run : {"short", "long"}
        Which of the two commands measures it.
    """

    name: str
    title: str
    what: str
    against: str
    aim: str
    measure: Callable[[Settings], Found] = field(repr=False)
    run: Literal["short", "long"] = "short"


def ratio(
    timings: Mapping[str, Timings],
    name: str,
    reference: str,
    what: str,
    against: str,
    aim: float | None,
    **more: Any,
) -> Figure:
    """Return a figure from the medians of two cases that ran in turn.

    Parameters
    ----------
    timings : mapping of str to Timings
    name, reference : str
        Of the cases.
    what, against : str
    aim : float or None
    **more
        Other attributes of the figure.
    """
    own, other = timings[name], timings[reference]
    work = own.median_work / other.median_work if other.median_work > 0 else None
    return Figure(what, against, aim, own.median / other.median, work=work, reference=other.median, **more)
