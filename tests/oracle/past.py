"""What earlier periods were: titles, ranks held, history; read from the opening state, left to the next period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import ladder as ladders
from tests.oracle.conditions import NO_RANK
from tests.oracle.kept import Left, opened
from tests.oracle.scalars import ZERO, flag, number
from tests.oracle.snapshot import Company, Member

if TYPE_CHECKING:
    from tests.oracle.world import World

TITLES = ("title", "title_before")


def rule(word: Any) -> dict[str, str]:
    """Return what a ladder says of its title."""
    said = ladders.long_form(word).get("title", {})
    return said if isinstance(said, dict) else {}


def rungs_of(word: Any) -> list[dict[str, Any]]:
    return [rung for rungs in ladders.rungs_by_scheme(word).values() for rung in rungs]


def remembers(word: Any) -> str:
    """Return by what ranks are kept, ``rank`` or ``title``; empty where no rung says how."""
    if not any("keep" in rung for rung in rungs_of(word)):
        return ""
    return "title" if ladders.long_form(word).get("keep_by") == "title" else "rank"


def titles_of(plan: dict[str, Any]) -> dict[str, list[str]]:
    """Return the ladders whose titles the plan keeps, and which of the two each asks for."""
    found: dict[str, list[str]] = {}
    # What a ladder says of its title is no use of it.
    rest = {key: part for key, part in plan.items() if key not in ("ranks", "ladders")}
    rungs = [ladders.long_form(word)["ladder"] for word in ladders.of_plan(plan).values()]
    words = set(_words([rest, *rungs])) | {
        f"rank.{bonus['rank']}" for bonus in _tables(plan) if bonus.get("rank") in TITLES
    }
    for name, word in ladders.of_plan(plan).items():
        bare = [which for which in TITLES if which in words and named(plan, which) == name]
        asked = [which for which in TITLES if f"{name}.{which}" in words or which in bare]
        kept = ladders.long_form(word).get("title", "false") != "false" or remembers(word) == "title"
        if asked or kept:
            found[name] = list(dict.fromkeys(["title", *asked]))
    return found


def named(plan: dict[str, Any], word: str) -> str:
    """Return the ladder whose title a bare ``title`` or ``title_before`` is; empty where the plan has its own."""
    own = [plan.get(section, {}) for section in ("volumes", "metrics", "points", "ladders", "member_columns")]
    return "" if "ranks" not in plan or any(word in names for names in own) else "rank"


def _tables(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [bonus for section in ("bonuses", "points") for bonus in plan.get(section, {}).values()]


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, inner in node.items():
            yield key
            yield from _words(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _words(inner)
    elif node.rpartition(".")[2] in TITLES:
        # A title that is a value, such as where generations end.
        yield node
    elif node.startswith("source."):
        yield from (side.partition(".")[2] for side in node.replace("earner", " earner").split() if "." in side)


def held_before(company: Company, codes: dict[str, int], section: str, ladder: str) -> dict[Member, int]:
    held: dict[Member, int] = {}
    for left in opened(company, section, ladder):
        held[left.member] = max(held.get(left.member, NO_RANK), codes.get(left.key, NO_RANK))
    return held


def title(world: World, ladder: str, which: str) -> dict[Member, int]:
    """Return everybody's title."""
    return {member: both[0] for member, both in _titles(world, ladder, which).items()}


def _titles(world: World, ladder: str, which: str) -> dict[Member, tuple[int, int, int]]:
    # Title, periods in a row paid below it, and the highest rank in these.
    company, codes, word = world.snapshot.company, world.codes[ladder], ladders.of_plan(world.plan)[ladder]
    before = held_before(company, codes, "title", ladder)
    highest = held_before(company, codes, "title_below", ladder)
    counts = {left.member: int(left.value) for left in opened(company, "title_below", ladder)}
    lose_after = int(rule(word).get("lose_after", "0"))
    found = {}
    for member in world.snapshot.ids:
        had, count, best = before.get(member, NO_RANK), counts.get(member, 0), highest.get(member, NO_RANK)
        if which == "title_before":
            found[member] = (had, count, best)
            continue
        paid = world.ranks[ladder][member]
        if is_forced(world, ladder, member) and not flag(rule(word).get("forced", "false")):
            found[member] = (had, count, best)
        elif paid >= had:
            found[member] = (paid, 0, NO_RANK)
        elif lose_after and count + 1 >= lose_after:
            found[member] = (max(best, paid), 0, NO_RANK)
        else:
            found[member] = (had, count + 1, max(best, paid))
    return found


def is_forced(world: World, ladder: str, member: Member) -> bool:
    rows = ladders.in_force(world, ladder, member) if world.snapshot.may_hold_rank(member) else []
    return any(row["override"] == "rank" for row in rows)


def age(company: Company, label: str, known: set[str]) -> int:
    """Return how many periods ago a label was: 1 for the one before."""
    if ".." in label:
        return 1 + sorted(known | {company.previous}, reverse=True).index(label)
    if "W" in label:
        weeks = [date.fromisocalendar(int(one[:4]), int(one[6:]), 1) for one in (label, company.period)]
        return (weeks[1] - weeks[0]).days // 7
    months = [12 * int(one[:4]) + int(one[5:7]) for one in (label, company.period)]
    return months[1] - months[0]


def metric(world: World, name: str, word: dict[str, Any]) -> dict[Member, Fraction]:
    """Return a metric that looks back."""
    company, current = world.snapshot.company, flag(word.get("with_current", "true"))
    if "periods_at" in word:
        before, after = periods_at(world, name, word)
        return after if current else before
    if "lifetime" in word:
        total = {left.member: left.value for left in opened(company, "lifetime", word["lifetime"])}
        now = world.numbers(word["lifetime"])
        return {one: total.get(one, ZERO) + (now(one) if current else ZERO) for one in world.snapshot.ids}
    rows = opened(company, "history", word["history"])
    known = {left.key for left in rows}
    past = {(left.member, age(company, left.key, known)): left.value for left in rows}
    ages = range(0 if current else 1, int(word["periods"]) + (0 if current else 1))
    found = {}
    for member in world.snapshot.ids:
        series = [
            world.numbers(word["history"])(member) if number_ == 0 else past.get((member, number_), ZERO)
            for number_ in ages
        ]
        found[member] = taken(word, series, world.decimals(word["history"]))
    return found


def taken(word: dict[str, Any], series: list[Fraction], places: int) -> Fraction:
    """Return what `take` makes of the amounts of some periods, the newest first."""
    take = word.get("take", "sum")
    if take in ("count", "in_a_row"):
        met = [amount >= number(word["at_least"]) for amount in series]
        return Fraction(met.index(False) if take == "in_a_row" and False in met else sum(met))
    if take in ("least", "largest"):
        return min(series) if take == "least" else max(series)
    total = sum(series, ZERO)
    if take == "average_down":
        scale = 10**places
        whole = abs(total) * scale // len(series)
        return Fraction(whole if total >= 0 else -whole, scale)
    return total


def periods_at(world: World, name: str, word: dict[str, Any]) -> tuple[dict[Member, Fraction], dict[Member, Fraction]]:
    """Return the periods at a rank, without and with this one."""
    ladder = word.get("ladder", "rank")
    wanted, before, after = world.codes[ladder][word["periods_at"]], {}, {}
    counts = {left.member: left.value for left in opened(world.snapshot.company, "periods_at", name)}
    for member in world.snapshot.ids:
        before[member] = counts.get(member, ZERO)
        held = world.ranks[ladder][member]
        holds = held == wanted if flag(word.get("exactly", "false")) else held >= wanted
        in_a_row = flag(word.get("in_a_row", "true"))
        after[member] = before[member] + 1 if holds else ZERO if in_a_row else before[member]
    return before, after


def left_behind(world: World) -> list[Left]:
    """Return what ladders and metrics leave to the next period."""
    company, plan = world.snapshot.company, world.plan
    found = []

    def leave(section: str, name: str, member: Member, value: Fraction | int, key: str = "", since: str = "") -> None:
        found.append(Left(section, name, member, key, since or company.period, Fraction(value)))

    for ladder, word in ladders.of_plan(plan).items():
        names = {code: name for name, code in world.codes[ladder].items()} | {NO_RANK: "none"}
        if remembers(word) == "rank":
            for member, code in world.ranks[ladder].items():
                leave("rank", ladder, member, code > 0, names[code])
        if ladder in titles_of(plan):
            for member, (code, count, best) in _titles(world, ladder, "title").items():
                leave("title", ladder, member, code > 0, names[code])
                leave("title_below", ladder, member, count if "lose_after" in rule(word) else 0, names[best])
    words = plan.get("metrics", {})
    for name, word in words.items():
        if "periods_at" in word:
            for member, count in periods_at(world, name, word)[1].items():
                leave("periods_at", name, member, count)
    for quantity in dict.fromkeys(word["lifetime"] for word in words.values() if "lifetime" in word):
        for member, total in metric(world, "", {"lifetime": quantity}).items():
            leave("lifetime", quantity, member, total)
    for quantity in dict.fromkeys(word["history"] for word in words.values() if "history" in word):
        alike = [word for word in words.values() if word.get("history") == quantity]
        wanted = max(int(word["periods"]) - flag(word.get("with_current", "true")) for word in alike)
        rows = opened(company, "history", quantity)
        known = {row.key for row in rows}
        found.extend(row for row in rows if age(company, row.key, known) < wanted)
        for member in world.snapshot.ids if wanted else []:
            leave("history", quantity, member, world.numbers(quantity)(member), company.period)
    return [left for left in found if left.value != 0]
