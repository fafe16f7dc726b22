"""What was offered, and where all of it went."""

from __future__ import annotations

from dataclasses import dataclass

from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.money import text_from_units


@dataclass(frozen=True, slots=True)
class BreakageRow:
    """What was offered at one level and not paid, for one reason.

    Attributes
    ----------
    bonus : str
    level : int
        The level or generation of the rate table; 0 for own volume.
    outcome : str
        One of `mlmcalc.ledger.lines.OUTCOMES`.
    base : int
        In units of ``10**-base_decimals``.
    amount : int
        Exact, in units of ``10**-amount_decimals``.
    """

    bonus: str
    level: int
    outcome: str
    base: int
    base_decimals: int
    amount: int
    amount_decimals: int


@dataclass(frozen=True, slots=True)
class Equation:
    """offered = paid + breakage + cut + rounding, for one bonus, in units of ``10**-decimals``.

    Every term is counted on its own way through the run: what is offered and lost from the bases that used a level,
    what is paid and cut from the posted lines, the rounding from what each product lost.
    """

    bonus: str
    offered: int
    paid: int
    breakage: int
    cut: int
    rounding: int
    decimals: int

    @property
    def holds(self) -> bool:
        """Whether nothing disappeared."""
        return self.offered == self.paid + self.breakage + self.cut + self.rounding

    def verify(self) -> None:
        """Refuse the run if the equation does not hold.

        Raises
        ------
        IntegrityError
            ``ledger.equation``, with all terms.
        """
        if not self.holds:
            terms = {name: getattr(self, name) for name in ("offered", "paid", "breakage", "cut", "rounding")}
            shown = ", ".join(f"{name} {text_from_units(value, self.decimals)}" for name, value in terms.items())
            raise IntegrityError(
                Finding(
                    "ledger.equation",
                    f"bonus {self.bonus} is out of balance: {shown}.",
                    "Nothing was written; report it.",
                )
            )
