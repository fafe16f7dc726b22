"""The summary of a run, for an operator's eyes: plain text that fits the terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from mlmcalc.cli.amounts import amount_text, share_text, shortened
from mlmcalc.cli.colours import quiet, styled

_WIDEST = 80
_NARROWEST = 40


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table of text.

    Attributes
    ----------
    heads : sequence of str
        The first column is left-aligned, the others right.
    rows : sequence of sequences of str
    last : sequence of str
        A row below a rule; empty for none.
    spare : sequence of int
        Columns to leave out when there is no room, the first of them first.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    last: Sequence[str] = ()
    spare: Sequence[int] = field(default=())

    def render(self, width: int) -> list[str]:
        """Return the lines of the table, none longer than `width`."""
        kept, spare = list(range(len(self.heads))), list(self.spare)
        widths = self._widths(kept)
        while spare and 2 + sum(widths) + 3 * (len(widths) - 1) > width:
            kept.remove(spare.pop(0))
            widths = self._widths(kept)
        rest = 2 + sum(widths[1:]) + 3 * (len(widths) - 1)
        widths[0] = max(min(widths[0], width - rest), 8)
        lines = [quiet(self._line(self.heads, kept, widths))]
        lines += [self._line(row, kept, widths) for row in self.rows]
        if self.last:
            lines.append(quiet("  " + rule() * (sum(widths) + 3 * (len(widths) - 1))))
            lines.append(styled(self._line(self.last, kept, widths), bold=True))
        return lines

    def _widths(self, kept: list[int]) -> list[int]:
        rows = [self.heads, *self.rows, *([self.last] if self.last else [])]
        return [max(len(row[place]) for row in rows) for place in kept]

    def _line(self, row: Sequence[str], kept: list[int], widths: list[int]) -> str:
        first = shortened(row[kept[0]], widths[0]).ljust(widths[0])
        cells = [row[place].rjust(width) for place, width in zip(kept[1:], widths[1:], strict=True)]
        return ("  " + "   ".join([first, *cells])).rstrip()


def summary_lines(manifest: Mapping[str, Any], width: int) -> list[str]:
    """Return the summary of a run, line by line.

    Parameters
    ----------
    manifest : mapping
    width : int
        Of the terminal, in characters.
    """
    blocks = [_head(manifest, width), _standing(manifest["totals"]).render(width)]
    if manifest["totals"]["bonuses"]:
        blocks.append(_paid(manifest["totals"]).render(width))
    if manifest["totals"]["breakage"]:
        blocks.append(_breakage(manifest["totals"]).render(width))
    blocks += [_amounts(*block, manifest["totals"]).render(width) for block in _afterwards(manifest["totals"])]
    if "payments" in manifest["totals"]:
        blocks.append(_payments(manifest["totals"]).render(width))
    blocks += [_ranks(ladder, counts, manifest).render(width) for ladder, counts in manifest["totals"]["ranks"].items()]
    if manifest["warnings"]["count"]:
        blocks.append(_warnings(manifest["warnings"]).render(width))
    return [line for block in blocks for line in ["", *block]]


def print_summary(manifest: Mapping[str, Any], folder: str, seconds: float) -> None:
    """Print the summary of a run that was written to a folder, on standard output.

    Parameters
    ----------
    manifest : mapping
    folder : str
    seconds : float
        Since the command was given.
    """
    width = terminal_width()
    for line in summary_lines(manifest, width):
        click.echo(line)
    click.echo()
    for name, value in _closing(manifest, folder, seconds, width).items():
        click.echo(f"  {quiet(name.ljust(10))}  {value}")


def _closing(manifest: Mapping[str, Any], folder: str, seconds: float, width: int) -> dict[str, str]:
    digest, room = manifest["digest"], width - 14
    facts = {"run": manifest["run"], "digest": digest if len(digest) <= room else digest[:16]}
    if manifest["balance"]:
        equation = "offered = paid + not paid + cut + rounding"
        facts["balance"] = f"{equation}, for every bonus" if len(equation) + 17 <= room else equation
    facts["written to"] = folder
    if manifest["warnings"]["count"]:
        facts["warnings"] = "listed in the table of findings there"
    return facts | {"time": f"{seconds:.1f} s"}


def terminal_width() -> int:
    """Return the width to write for: the terminal's within reason, 80 when there is none."""
    if not sys.stdout.isatty():
        return _WIDEST
    return max(min(shutil.get_terminal_size().columns, _WIDEST), _NARROWEST)


def rule() -> str:
    """Return the character of a horizontal rule that the output can show."""
    return "─" if (sys.stdout.encoding or "").lower().startswith("utf") else "-"


def _head(manifest: Mapping[str, Any], width: int) -> list[str]:
    plan, period = manifest["plan"], manifest["period"]
    days = f"{period['first']} to {period['last']}"
    title = f"{plan['name']} {plan['version']}, {period['label']}"
    title += f" ({days})" if len(title) + len(days) + 3 <= width else ""
    return [styled(shortened(title, width), bold=True), *_trial(manifest, width), *_headline(manifest["totals"], width)]


def _trial(manifest: Mapping[str, Any], width: int) -> list[str]:
    trial = manifest.get("trial")
    if trial is None:
        return []
    what = f"until {trial['until']}" if trial["until"] else f"only {', '.join(trial['only'])}"
    return textwrap.wrap(f"A trial, {what}: nobody is paid by it, and no period begins with it.", width)


def _headline(totals: Mapping[str, Any], width: int) -> list[str]:
    paid = f"{amount_text(totals['paid'], totals['money_decimals'])} {totals['currency']}"
    share = _share_of(totals)(totals["paid"])
    parts = [f"{paid} to {totals['earners']:,} of {totals['members']:,} members"]
    parts += [f"{share} {_share_head(totals)}"] if share else []
    return textwrap.wrap(", ".join(parts), width)


def _standing(totals: Mapping[str, Any]) -> Grid:
    members = totals["members"]
    rows = [["active", f"{totals['active']:,}", share_text(str(totals["active"]), str(members))]]
    rows += [[f"volume {name}", amount_text(amount), ""] for name, amount in totals["volumes"].items()]
    return Grid(["members", f"{members:,}", ""], rows)


def _paid(totals: Mapping[str, Any]) -> Grid:
    share, places = _share_of(totals), totals["money_decimals"]

    def cells(name: str, row: Mapping[str, Any]) -> list[str]:
        paid = amount_text(row["paid"], places)
        return [name, paid, share(row["paid"]), f"{row['earners']:,}", f"{row['lines']:,}"]

    rows = [cells(bonus, row) for bonus, row in totals["bonuses"].items()]
    if float(totals["company"]):
        rows.append(["to the company", amount_text(totals["company"], places), share(totals["company"]), "", ""])
    heads = ["bonus", f"paid {totals['currency']}", _share_head(totals), "earners", "lines"]
    return Grid(heads, rows, cells("all earners", totals), spare=(4, 3, 2))


def _breakage(totals: Mapping[str, Any]) -> Grid:
    share = _share_of(totals)
    rows = [
        [outcome.replace("_", " "), amount_text(amount, totals["money_decimals"]), share(amount)]
        for outcome, amount in totals["breakage"].items()
    ]
    return Grid(["not paid because", f"offered {totals['currency']}", _share_head(totals)], rows)


def _afterwards(totals: Mapping[str, Any]) -> list[tuple[str, Mapping[str, str]]]:
    # Totals of an older run have none of these.
    cut = {_in_words(cause): amount for cause, amount in totals.get("cut", {}).items()}
    blocks = {"cut by": cut, "payout": {step.replace("_", " "): of for step, of in totals.get("payout", {}).items()}}
    return [(head, amounts) for head, amounts in blocks.items() if amounts]


def _payments(totals: Mapping[str, Any]) -> Grid:
    rows = [
        [currency, f"{row['members']:,}", amount_text(row["amount"]), amount_text(row["plan_amount"])]
        for currency, row in totals["payments"].items()
    ]
    return Grid(["paid in", "members", "amount", totals["currency"]], rows)


def _in_words(cause: str) -> str:
    # A choice is called by its key and its bonuses.
    for key in ("greater_of", "first_of"):
        if cause.startswith(f"{key} "):
            return key.replace("_", " ") + cause.removeprefix(key)
    return cause


def _amounts(head: str, amounts: Mapping[str, str], totals: Mapping[str, Any]) -> Grid:
    share, places = _share_of(totals), totals["money_decimals"]
    rows = [[name, amount_text(amount, places), share(amount)] for name, amount in amounts.items()]
    return Grid([head, totals["currency"], _share_head(totals)], rows)


def _ranks(ladder: str, counts: Mapping[str, int], manifest: Mapping[str, Any]) -> Grid:
    members = str(manifest["totals"]["members"])
    rows = [
        ["no rank" if name == "none" else name, f"{count:,}", share_text(str(count), members)]
        for name, count in reversed(list(counts.items()))
    ]
    return Grid([ladder, "members", ""], rows)


def _warnings(warnings: Mapping[str, Any]) -> Grid:
    rows = [[code, f"{count:,}"] for code, count in warnings["codes"].items()]
    return Grid(["warnings", f"{warnings['count']:,}"], rows)


def _share_of(totals: Mapping[str, Any]) -> Callable[[str], str]:
    volume = totals["volumes"].get(totals["volume"], "0")
    return lambda amount: share_text(amount, volume)


def _share_head(totals: Mapping[str, Any]) -> str:
    return f"of {totals['volume']}" if totals["volume"] else ""
