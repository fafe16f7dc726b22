"""A bonus of which only some sources have other lines: these are taken out, and made anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.differential import Differential
from mlmcalc.bonuses.levels import Levels
from mlmcalc.errors import InputRefused
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount, Post
from mlmcalc.ledger.equation import BreakageRow, Equation
from mlmcalc.ledger.lines import OUTCOME_CODE, LineBlock
from mlmcalc.ledger.result import BonusResult, round_amounts
from mlmcalc.rules.last_steps import begin
from mlmcalc.rules.values import Node, Values
from mlmcalc.runs.preview.after import NOBODY, After, Everybody
from mlmcalc.runs.preview.follow import spread_of
from mlmcalc.runs.preview.part import Part, Places
from mlmcalc.runs.preview.patch import Patch, united
from mlmcalc.runs.preview.reach import Reach, judged_by, reach_of
from mlmcalc.volumes.orders import Orders


@dataclass(frozen=True, slots=True, eq=False)
class PartLines:
    """Lines of a part of the company.

    Attributes
    ----------
    part : Part
        Earner, source and via of the lines are places of it; its size stands for the company.
    orders : Orders
        Whose rows the lines name.
    blocks : list of LineBlock
    """

    part: Part
    orders: Orders
    blocks: list[LineBlock] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class BonusChange:
    """What changes of a bonus.

    Attributes
    ----------
    sources : (k,) int64
        Whose lines are made anew, ascending.
    taken, added : PartLines
        Their lines before and after, with the last steps of all earners of the part.
    amounts, counts : Patch
        Of every earner, index n the company.
    breakage : tuple of BreakageRow
    equation : Equation
        Of the whole bonus, as it is now.
    """

    sources: Places
    taken: PartLines
    added: PartLines
    amounts: Patch
    counts: Patch
    breakage: tuple[BreakageRow, ...]
    equation: Equation

    def over(self, result: BonusResult) -> BonusResult:
        """Return the whole result as it is now."""
        amounts, counts = self.amounts.over(result.amounts), self.counts.over(result.counts)
        return BonusResult(result.bonus, amounts, counts, self.breakage, self.equation)


class _PartAccount(BonusAccount):
    """An account of some sources of a bonus, that refuses what would not fit together with all others."""

    elsewhere = 0
    """A bound of the magnitude of all other sources."""

    def refuse_overflow(self, magnitude: int, rate_ppm: int, largest: str) -> None:
        """Refuse what could leave int64 together with all other sources."""
        super().refuse_overflow(magnitude + self.elsewhere, rate_ppm, largest)


def follow_bonus(after: After, node: Node) -> BonusChange | None:
    """Follow a change through a bonus; None where it changes nothing.

    Parameters
    ----------
    after : After
    node : Node

    Raises
    ------
    Everybody
        It cannot be limited to single sources.
    """
    before, name = after.before, node.name
    plan = before.given.plan
    if not after.read_by(node).size:
        after.touched[node] = NOBODY
        return None
    reach = reach_of(plan, name)
    if reach is None:
        raise Everybody(node)
    sources = _sources(after, node, reach)
    part = before.part(before.closed(sources, [reach.tree]) if reach.tree else sources)
    if before.are_many(part.members):
        raise Everybody(node)
    try:
        rest = None
        if plan.rounding.place == "bonus" or _last_steps(plan.bonuses[name]):
            rest = _rest(after, node, part, sources)
        taken, added = (_evaluated(after, node, part, sources, now, rest) for now in (False, True))
    except InputRefused:
        # All sources together may not fit: whoever calculates them all will say so.
        raise Everybody(node) from None
    change = _change(after, name, sources, taken, added)
    _keep_earned(after, node, change)
    return change


def _last_steps(word) -> bool:
    cap = word.cap
    return word.multiplier is not None or word.minimum is not None or (cap is not None and cap.per_earner is not None)


def _sources(after: After, node: Node, reach: Reach) -> Places:
    """Return whose lines may be others: who is touched, and everybody below who reaches one judged otherwise."""
    before = after.before
    touched = after.read_by(node)
    if not reach.tree:
        return touched
    word = before.given.plan.bonuses[node.name]
    moved = after.touched[Node("tree", reach.tree)]
    others = [read for read in before.reads[node] if read.kind != "tree"]
    candidates = united(*(after.touched[read] for read in others if read in after.touched), NOBODY)
    assert isinstance(word, Levels | Differential), "only these reach up a tree"
    part = before.part(candidates)
    old, new = (judged_by(word, after.part_values(part, others, now, whole_trees=False)) for now in (False, True))
    differs = np.zeros(part.size, np.bool_)
    for one, other in zip(old, new, strict=True):
        differs |= one != other
    reached = _descendants(after, reach, united(candidates[differs], moved))
    return united(touched, reached)


def _descendants(after: After, reach: Reach, members: Places) -> Places:
    """Return who stood below some members in a tree, so far down as a source reaches, themselves included."""
    before, tree = after.before, after.before.tree(reach.tree)
    if not members.size:
        return NOBODY
    index = members if tree.order is None else before.inverse[tree.root_tree or reach.tree][members].astype(np.int64)
    found = [index]
    # Nobody hangs below a member that a tree leaves out.
    heads = index if tree.kept is None else index[tree.kept[index]]
    ends = before.ends(reach.tree)
    for head in heads.tolist():
        inside = np.arange(head + 1, int(ends[head]))
        if reach.levels is not None:
            inside = inside[tree.depth[head + 1 : ends[head]] <= tree.depth[head] + reach.levels]
        found.append(inside)
    marked = np.zeros(tree.size, np.bool_)
    for part in found:
        marked[part] = True
    below = np.flatnonzero(marked)
    return below if tree.order is None else np.sort(tree.order[below]).astype(np.int64)


def _evaluated(
    after: After, node: Node, part: Part, sources: Places, new: bool, rest: NDArray[np.int64] | None
) -> tuple[PartLines, BonusResult]:
    word = after.before.given.plan.bonuses[node.name]
    values, lines, account = _prepared(after, node, part, sources, new)
    if rest is not None:
        account.begin_with(rest)
    return lines, word.evaluate(values, account)


def _prepared(
    after: After, node: Node, part: Part, sources: Places, new: bool
) -> tuple[Values, PartLines, _PartAccount]:
    values = after.part_values(part, after.needed(node), new, by_order=_by_order(after, node))
    values.is_source = values.is_source & part.mask(sources)
    lines = PartLines(part, values.orders)
    account = _account(after, node, values, lines.blocks.append)
    account.elsewhere = _magnitude(after, after.before.given.plan.bonuses[node.name])
    return values, lines, account


def _by_order(after: After, node: Node) -> str:
    """Return the volume a bonus is paid on, where its single orders are told apart; empty elsewhere."""
    plan, values = after.before.given.plan, after.before.run.values
    volume = plan.bonuses[node.name].base_volume.partition("@")[0]
    if volume not in plan.volumes or values.volumes[volume].entries is None:
        return ""
    if any(spread_of(after, part) != "own" for part in after.parts_of(volume)):
        raise Everybody(node)
    return volume


def _account(after: After, node: Node, values: Values, post: Post) -> _PartAccount:
    plan = after.before.given.plan
    decimals = plan.bonuses[node.name].base_decimals(plan.vocabulary)
    return _PartAccount(node.name, values.size, values.rounding, decimals, values.amount_decimals, post)


def _magnitude(after: After, word) -> int:
    before = after.before
    if word.base_volume:
        volume = word.base_volume.partition("@")[0]
        known = before.magnitudes.get(volume)
        return total_magnitude(before.run.values.quantity(volume).amounts) if known is None else known
    return sum(before.magnitudes[f"earned {name}"] for name in word.earned_from)


def _rest(after: After, node: Node, part: Part, sources: Places) -> NDArray[np.int64]:
    """Return what the earners of a part have from sources whose lines stay, before the last steps."""
    before, word = after.before, after.before.given.plan.bonuses[node.name]
    if node.name not in before.raw:
        everything = before.run.values
        account = _account(after, node, everything, lambda block: None)
        before.raw[node.name] = _posted(word, everything, account)
    values, _, account = _prepared(after, node, part, sources, False)
    whole = before.raw[node.name]
    return np.append(whole[part.members], whole[-1]) - _posted(word, values, account)


def _posted(word, values: Values, account: _PartAccount) -> NDArray[np.int64]:
    begin(word.cap, getattr(word, "tree", ""), values, account)
    word.post(values, account)
    return account.all_amounts.copy()


def _change(
    after: After,
    name: str,
    sources: Places,
    taken: tuple[PartLines, BonusResult],
    added: tuple[PartLines, BonusResult],
) -> BonusChange:
    whole = after.before.first[name]
    (before, old), (now, new) = taken, added
    places = np.append(before.part.members, whole.amounts.size - 1)
    return BonusChange(
        sources,
        before,
        now,
        Patch.of(whole.amounts, places, whole.amounts[places] + (new.amounts - old.amounts)),
        Patch.of(whole.counts, places, whole.counts[places] + (new.counts - old.counts)),
        _breakage(whole.breakage, old.breakage, new.breakage),
        _equation(whole.equation, old.equation, new.equation),
    )


def _breakage(
    whole: tuple[BreakageRow, ...], old: tuple[BreakageRow, ...], new: tuple[BreakageRow, ...]
) -> tuple[BreakageRow, ...]:
    found = {(row.level, row.outcome): row for row in whole}
    for sign, rows in ((-1, old), (1, new)):
        for row in rows:
            key = (row.level, row.outcome)
            so_far = found.get(key, replace(row, base=0, amount=0))
            assert so_far.amount_decimals == row.amount_decimals, "breakage of one kind is counted in one unit"
            found[key] = replace(so_far, base=so_far.base + sign * row.base, amount=so_far.amount + sign * row.amount)
    kept = [row for row in found.values() if row.base or row.amount]
    return tuple(sorted(kept, key=lambda row: (row.level, OUTCOME_CODE[row.outcome])))


def _equation(whole: Equation, old: Equation, new: Equation) -> Equation:
    terms = ("offered", "paid", "breakage", "cut", "rounding")
    now = {term: getattr(whole, term) - getattr(old, term) + getattr(new, term) for term in terms}
    equation = replace(whole, **now)
    equation.verify()
    return equation


def _keep_earned(after: After, node: Node, change: BonusChange) -> None:
    values = after.before.run.values
    whole = values.earned[node.name].amounts
    members = change.amounts.places[change.amounts.places < whole.size]
    amounts = change.amounts.values[: members.size]
    rounded = round_amounts(amounts, values.rounding, values.amount_decimals)
    rounded //= 10 ** (values.amount_decimals - values.rounding.money_decimals)
    after.set(node, Patch.of(whole, members, rounded))
