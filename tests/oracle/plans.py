"""Whole plans drawn at random, from every word of the language, valid by construction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.oracle.bonuses_drawn import bonuses, points
from tests.oracle.companies import MEMBER_COLUMNS, ORDER_COLUMNS, SCHEMES, Wishes, companies
from tests.oracle.drawn_limits import bounds
from tests.oracle.drawn_metrics import add_metric, derive, metric, rank_metrics, static_metrics
from tests.oracle.drawn_past import periods_at, sections
from tests.oracle.snapshot import Company
from tests.oracle.words import Draw, Names, chosen, condition, member_word, order_condition, rarely

RANKS = ["Partner", "Manager", "Director"]
LEGS = {"leg": "placement_leg", "width": "2"}
STARS = ["OneStar", "TwoStar"]


@dataclass(frozen=True)
class Case:
    """A plan and a company that it runs on."""

    plan: dict[str, Any]
    company: Company

    def text(self) -> str:
        return yaml_text(self.plan)

    def __repr__(self) -> str:
        one = self.company
        tables = {"members": one.members, "orders": one.orders, "volumes": one.volumes}
        tables |= {"overrides": one.overrides, "state": one.state, "adjustments": one.adjustments}
        tables |= {"closed": one.closed, "rates": one.rates}
        return f"plan = {self.text()}\n" + "\n".join(f"{name} = {rows}" for name, rows in tables.items())


def yaml_text(plan: dict[str, Any]) -> str:
    """Return the plan as YAML: JSON, where every scalar is quoted, is YAML."""
    return json.dumps(plan, indent=1)


def volumes(draw: Draw, names: Names, grain: str) -> dict[str, Any]:
    found: dict[str, Any] = {"pv": {"sum": "qv"}, "cv": {"sum": "cv"}}
    if names.by_orders and draw(st.booleans()):
        found["some"] = {"sum": chosen(draw, "qv", "cv"), "where": order_condition(draw)}
    if rarely(draw, 3):
        found["served"] = {"sum": "cv", "credit": "server"}
        if names.by_orders:
            found["served"] |= {"where": {"buyer": ["customer", "preferred"]}}
    if grain != "order" and rarely(draw, 3):
        found["part"] = {"sum": "cv", "share": chosen(draw, "50%", "33.3333%", "0.01%")}
        names.shared.add("part")
    if rarely(draw, 4):
        found["money"] = {
            "sum": "cv",
            "times": chosen(draw, *(["18", "2"] if grain == "order" else ["0.28", "18", "0.333333"])),
        }
        if found["money"]["times"] not in ("18", "2"):
            names.shared.add("money")
    if rarely(draw, 3):
        found["total"] = {"add": list(draw(st.permutations(list(found))))[:2]}
        if rarely(draw, 4):
            found["total"]["times"] = chosen(draw, *(["3"] if grain == "order" else ["3", "0.5"]))
        if names.shared.intersection(found["total"]["add"]) or found["total"].get("times") == "0.5":
            names.shared.add("total")
    names.volumes, names.amounts, names.numbers = list(found), list(found), list(found)
    if rarely(draw, 5):
        found["fine"] = {"sum": "cv", "decimals": "4"}
        names.numbers.append("fine")
        if grain != "order" and draw(st.booleans()):
            found["fine"]["share"] = "33.3333%"
            names.shared.add("fine")
    if rarely(draw, 4):
        found["weekly"] = {"closed": "weekly"} | chosen(
            draw, {}, {"bonuses": ["binary"]}, {"bonuses": ["pool", "binary"]}
        )
        names.numbers.append("weekly")
        names.shared.add("weekly")
    names.bases = list(found)
    if names.by_orders and rarely(draw, 4):
        found["bought"] = {"count": "orders"}
        if draw(st.booleans()):
            found["bought"]["where"] = order_condition(draw)
        if rarely(draw, 3):
            found["bought"]["credit"] = "server"
        names.numbers.append("bought")
        names.heads.append("bought")
    return found


def reduced(draw: Draw, names: Names, plan: dict[str, Any]) -> None:
    """Draw a volume that is less where the first bonus was paid, and a bonus on it."""
    first = plan["bonuses"]["first"]
    if (
        first.get("base", "") not in set(names.bases) - names.shared
        or "marginal" in first
        or first.get("against") == "immediate_leg"
    ):
        return
    whole = plan["rounding"].get("grain") == "order"
    plan["volumes"]["rest"] = {
        "sum": chosen(draw, "qv", "cv"),
        "after": {"bonus": "first", "counts": chosen(draw, "0%") if whole else chosen(draw, "30%", "0%", "33.3333%")},
    }
    plan["bonuses"]["after"] = {"levels": ["10%", "5%"], "base": "rest", "tree": chosen(draw, *reversed(names.trees))}


def hung(draw: Draw, placement: bool) -> dict[str, Any]:
    """Draw a tree that follows from who joined when, or from codes."""
    base = chosen(draw, "sponsor", "placement") if placement else "sponsor"
    passed = chosen(draw, {"first": "1"}, {"first": "2"}, {"numbers": ["2", "4"]}, {"numbers": ["1", "3"]})
    if draw(st.booleans()):
        passed["to"] = chosen(draw, "moved", "recorded")
    if draw(st.booleans()):
        passed["received_count"] = chosen(draw, "true", "false")
    coded = {"coded": base, "holds": "goal", "needs": "bought_code"}
    return chosen(draw, {"pass_up": base} | passed, {"pass_up": base} | passed, {"monoline": "joined"}, coded)


def static_trees(draw: Draw, names: Names, placement: bool, binary: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"sponsor": {"parent": "sponsor_id"}}
    if placement:
        found["placement"] = {"parent": "placement_id"} | (LEGS if binary else {})
    if rarely(draw, 4):
        found["hung"] = hung(draw, placement)
    names.trees, names.family = list(found), ["sponsor"]
    for name in ["active", "deeper"][: chosen(draw, 1, 2, 0)]:
        under = chosen(draw, *names.trees)
        found[name] = derive(draw, names, under, condition(draw, names), name)
        if under in names.family:
            names.family.append(name)
    return found


def rungs(draw: Draw, names: Names, ranks: list[str]) -> list[dict[str, Any]]:
    found = []
    for place, rank in enumerate(ranks):

        def requirements(place: int = place) -> dict[str, Any]:
            words = dict(member_word(draw, names) for _ in range(chosen(draw, 0, 1, 1, 2)))
            if names.of_required and rarely(draw, 3):
                words["capped"] = chosen(draw, "100", "333", {"min": {"column": "goal"}})
            if place and draw(st.booleans()):
                words["legs"] = rank_legs(draw, names, ranks)
            return words

        requires = [requirements(), requirements()] if rarely(draw, 4) else requirements()
        found.append({"rank": rank, "requires": requires})
        if rarely(draw, 4):
            found[-1]["keep"] = requirements()
    return found


def rank_legs(draw: Draw, names: Names, ranks: list[str]) -> Any:
    def one() -> dict[str, str]:
        need = {"with": chosen(draw, *ranks), "count": chosen(draw, "1", "1", "2")}
        if rarely(draw, 3):
            need["levels"] = chosen(draw, "1", "2")
        if rarely(draw, 3):
            need["tree"] = chosen(draw, *names.family)
        return need

    return [one(), one()] if rarely(draw, 5) else one()


def ladder(draw: Draw, names: Names, ranks: list[str]) -> Any:
    """Draw a ladder of one of the forms; with schemes, the second scheme's list may be shorter."""
    if names.schemes and draw(st.booleans()):
        shorter = ranks[draw(st.integers(0, len(ranks) - 1)) :]
        rungs_drawn: Any = {SCHEMES[0]: rungs(draw, names, ranks), SCHEMES[1]: rungs(draw, names, shorter)}
    else:
        rungs_drawn = rungs(draw, names, ranks)
    if rarely(draw, 3):
        word = {"ladder": rungs_drawn, "cumulative": chosen(draw, "true", "false"), "tree": "sponsor"}
        title = chosen(draw, None, "true", "false", {"lose_after": "2"}, {"lose_after": "1", "forced": "true"})
        word |= {"title": title} if title else {}
        return word | ({"keep_by": chosen(draw, "paid_as", "title")} if draw(st.booleans()) else {})
    return rungs_drawn


def waivable(rank_word: Any) -> list[str]:
    """Return the words that some rung requires."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict) and "requires" in node:
            for needs in (node["requires"], node.get("keep", {})):
                for words in needs if isinstance(needs, list) else [needs]:
                    found.update(words)
        elif isinstance(node, dict):
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(rank_word)
    return sorted(found)


def head(draw: Draw, grain: str, schemes: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mlmcalc": "1",
        "plan": "drawn",
        "version": "1",
        "effective": "2026-01-01",
        "currency": "EUR",
        "rounding": {
            "place": chosen(draw, "line", "bonus", "payout"),
            "grain": grain,
            "mode": chosen(draw, "half_up", "half_even", "down", "up"),
            "unit": chosen(draw, "0.01", "0.01", "0.05", "1"),
        },
        "member_columns": MEMBER_COLUMNS,
        "order_columns": ORDER_COLUMNS,
    }
    if schemes:
        found["schemes"] = {"by": "market", "names": SCHEMES}
    if rarely(draw, 3):
        found["statuses"] = {
            status: {
                "walk": chosen(draw, "through", "compressed"),
                "source": chosen(draw, "true", "false"),
                "earner": chosen(draw, "false", "false", "true"),
            }
            for status in chosen(draw, ["suspended"], ["left", "merged"], ["suspended", "left", "merged"])
        }
    return found


def after_ranks(draw: Draw, names: Names, plan: dict[str, Any], trees: dict[str, Any], found: dict[str, Any]) -> None:
    """Draw what reads the first ladder: another one, trees and metrics of leaders."""
    if rarely(draw, 3):
        own = Names(**{**vars(names), "of_required": [], "family": ["sponsor"], "rank_dependent": set()})
        plan["ladders"] = {"title": ladder(draw, own, STARS)}
        names.ladders["title"] = STARS
        if draw(st.booleans()):
            names.ladders["title.title"] = STARS
    names.rank_dependent = set()
    ranks = names.ladders["rank"]
    if draw(st.booleans()):
        names.ladders[chosen(draw, "title", "rank.title") if "title" not in names.ladders else "rank.title"] = ranks
    if rarely(draw, 3):
        add_metric(names, found, "periods", periods_at(draw, "rank", ranks), True)
    if "leaders" in trees and trees["leaders"]["volume"] in ("roll_up", "drop"):
        names.numbers.append(next(text for text in names.rolled if text.endswith("@leaders")))
    if rarely(draw, 3):
        trees["top"] = derive(draw, names, chosen(draw, *reversed(names.trees)), condition(draw, names), "top")
    if draw(st.booleans()):
        add_metric(names, found, "after", *metric(draw, names, names.trees, condition(draw, names)))
    if "leaders" in trees and rarely(draw, 3):
        leader = chosen(draw, "own_group", "upline_group")
        add_metric(names, found, "led", {"sum": "pv", "over": "group", "tree": "leaders", "leader": leader}, False)


def drawn_plan(draw: Draw) -> tuple[dict[str, Any], Wishes]:
    """Draw a plan, and what it needs of its company."""
    by_orders = draw(st.booleans()) or draw(st.booleans())
    grain = chosen(draw, "source", "source", "keeper", "order") if by_orders else chosen(draw, "source", "keeper")
    names = Names(by_orders=by_orders, schemes=rarely(draw, 3))
    decimals = "0" if rarely(draw, 5) else "2"
    placement = rarely(draw, 3)
    plan = {**head(draw, grain, names.schemes), "decimals": decimals, "volumes": volumes(draw, names, grain)}
    if not by_orders:
        del plan["order_columns"]
    if draw(st.booleans()):
        plan["active"] = condition(draw, names, active=False)
    binary = placement and draw(st.booleans())
    names.legs = binary
    trees = static_trees(draw, names, placement, binary)
    found: dict[str, Any] = {}
    ranks = RANKS[: draw(st.integers(0, 3))]
    if ranks and rarely(draw, 3):
        names.ladders[chosen(draw, "rank.title_before", "title_before")] = ranks
    # Metrics that a ladder reads stay on one tree's family, the others anywhere.
    static_metrics(draw, names, found, names.family if ranks else names.trees)
    if ranks:
        if rarely(draw, 3):
            found["capped"] = {
                "legs": chosen(draw, *names.amounts),
                "tree": "sponsor",
                "take": {"at_most": chosen(draw, "50%", "33.3333%"), "of": "required"},
                "plus": "pv",
            }
            names.of_required.append("capped")
        rank_metrics(draw, names, found, trees, ranks)
        plan["ranks"] = ladder(draw, names, ranks)
        names.ladders["rank"] = ranks
        after_ranks(draw, names, plan, trees, found)
    plan |= {"trees": trees} | ({"metrics": found} if found else {})
    if rarely(draw, 4):
        plan["points"] = points(draw, names)
    plan["bonuses"] = bonuses(draw, names)
    if by_orders and draw(st.booleans()):
        reduced(draw, names, plan)
    bounds(draw, names, plan)
    lists = [plan["ranks"]] if ranks else []
    short = ranks[-1:] if names.schemes else ranks
    wishes = Wishes(
        placement=placement,
        binary=binary,
        by_orders=by_orders,
        decimals=int(decimals),
        plain=draw(st.booleans()),
        rungs=tuple(short),
        waivable=tuple(waivable(lists)),
        state=tuple(sections(plan, names.ladders)),
        payout="payout" in plan,
        closed="weekly" in plan["volumes"],
    )
    return plan, wishes


@st.composite
def cases(draw: Draw) -> Case:
    """Draw a plan and a company that it runs on."""
    plan, wishes = drawn_plan(draw)
    return Case(plan, draw(companies(wishes, draw(st.booleans()))))


@st.composite
def cases_of_two(draw: Draw) -> tuple[Case, Case]:
    """Draw a plan and two companies that it runs on."""
    plan, wishes = drawn_plan(draw)
    integer = draw(st.booleans())
    one, other = draw(companies(wishes, integer)), draw(companies(wishes, integer))
    return Case(plan, one), Case(plan, other)
