"""Last steps of bonuses, exclusive bonuses, limits and payout drawn at random."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.oracle.companies import TEAMS
from tests.oracle.words import Draw, Names, chosen, condition, rarely

FACTORS = ["95%", "120%", "33.3333%", "0%", "100%", "250%"]
AMOUNTS = ["10", "1", "50", "0", "200"]


def amount(draw: Draw, names: Names) -> Any:
    """Draw an amount for each earner."""
    forms: list[Any] = [
        chosen(draw, *AMOUNTS),
        chosen(draw, *AMOUNTS),
        {"column": "goal"},
        chosen(draw, *names.numbers),
    ]
    if "rank" in names.ladders:
        ranks = names.ladders["rank"]
        forms.append({chosen(draw, ranks[0], "none", f"{ranks[0]}+"): chosen(draw, *AMOUNTS), ranks[-1]: "50"})
        if f"{ranks[-1]}+" in forms[-1]:
            del forms[-1][ranks[-1]]
    return chosen(draw, *forms)


def factor(draw: Draw, names: Names) -> Any:
    """Draw a rate for each earner."""
    forms: list[Any] = [
        chosen(draw, *FACTORS),
        {"tier": chosen(draw, *names.numbers), "steps": {"0": chosen(draw, *FACTORS), "100": chosen(draw, *FACTORS)}},
        {"tier": chosen(draw, *names.numbers), "steps": {"50": chosen(draw, *FACTORS)}},
    ]
    if "rank" in names.ladders:
        forms.append({chosen(draw, *names.ladders["rank"], "none"): chosen(draw, *FACTORS)})
    return chosen(draw, *forms)


def last_steps(draw: Draw, names: Names, word: dict[str, Any]) -> None:
    """Give a bonus some of the last steps."""
    if rarely(draw, 5):
        word["multiplier"] = factor(draw, names)
    if rarely(draw, 6):
        word["minimum"] = chosen(draw, "1", "5", "20")
    cap: dict[str, Any] = {}
    walks = "levels" in word or "differential" in word
    if walks and rarely(draw, 4):
        cap["per_source"] = chosen(draw, "10", "1", "50")
    if walks and rarely(draw, 5):
        cap["per_leg"] = amount(draw, names)
    if rarely(draw, 5):
        cap["per_earner"] = amount(draw, names)
    if rarely(draw, 6):
        cap["total"] = chosen(draw, "10", "100", "7", "0")
    if cap:
        word["cap"] = cap


def below(plan: dict[str, Any], name: str) -> set[str]:
    """Return all bonuses that must be paid before a bonus, directly or not."""
    read = set(_asked(plan, plan["bonuses"][name], set()))
    return read.union(*(below(plan, other) for other in read)) if read else read


def _asked(plan: dict[str, Any], node: Any, seen: set[str]) -> Iterator[str]:
    # The bonuses under `earned`, and those that a volume named anywhere in the word asks about.
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from inner if key == "earned" else _asked(plan, [key, inner], seen)
    elif isinstance(node, list):
        for inner in node:
            yield from _asked(plan, inner, seen)
    else:
        for word in re.findall(r"[a-z_0-9]+", node):
            for section in ("volumes", "metrics", "trees", "points"):
                found = plan.get(section, {}).get(word)
                if found is not None and word not in seen:
                    seen.add(word)
                    if isinstance(found, dict) and isinstance(found.get("after"), dict):
                        yield found["after"]["bonus"]
                    yield from _asked(plan, found, seen)


def exclusive(draw: Draw, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw a choice among bonuses that do not read one another."""
    names = draw(st.permutations(list(plan["bonuses"])))[: chosen(draw, 2, 2, 3)]
    if len(names) < 2 or any(set(names) & below(plan, name) for name in names):
        return []
    return [{chosen(draw, "greater_of", "first_of"): names}]


def limit(draw: Draw, names: Names, bonuses: list[str]) -> dict[str, Any]:
    """Draw one limit."""
    kind = chosen(draw, "per_earner", "share", "paid_volume")
    word: dict[str, Any] = {}
    if draw(st.booleans()):
        word["bonuses"] = draw(st.lists(st.sampled_from(bonuses), min_size=1, unique=True))
    if kind == "per_earner":
        word["per_earner"] = amount(draw, names)
    elif kind == "share":
        word |= {"share": chosen(draw, "45%", "5%", "1%", "0.33%"), "of": chosen(draw, *names.numbers)}
        if draw(st.booleans()):
            word["protect"] = chosen(draw, "1", "5", "0")
    else:
        word |= {"paid_volume": chosen(draw, *names.numbers), "of": chosen(draw, *names.numbers)}
        word |= {"at_most": chosen(draw, "70%", "10%", "33.3333%"), "per": chosen(draw, "earner", "company")}
    if word.get("per") != "earner" and rarely(draw, 3):
        order = draw(st.permutations(word.get("bonuses", bonuses)))
        word["cut"] = {"order": order[: draw(st.integers(1, len(order)))]}
    return word


def payout(draw: Draw, names: Names, bonuses: list[str]) -> dict[str, Any]:
    """Draw what becomes of statements."""
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        found["minimum"] = amount(draw, names)
    if rarely(draw, 3):
        found["later"] = {chosen(draw, *bonuses): "2"}
    if rarely(draw, 3):
        found["forfeit"] = [{"when": condition(draw, names), "reason": "left"}]
    if rarely(draw, 3):
        found["hold"] = [{"when": condition(draw, names), "reason": reason} for reason in ("no bank", "no papers")]
    if draw(st.booleans()):
        found["negative"] = chosen(draw, "carry", "forgive", {"carry": "5"})
    rates = [
        factor(draw, names),
        {"column": "team", "rates": {TEAMS[0]: "10%", "other": "2.5%"}},
        {"column": "team", "rates": {TEAMS[1]: "11.33%"}},
    ]
    if draw(st.booleans()):
        rule: dict[str, Any] = {"name": "tax", "rate": chosen(draw, *rates)}
        rule |= chosen(
            draw, {}, {"base": "paid"}, {"of": [bonuses[0]]}, {"of": "total", "when": condition(draw, names)}
        )
        found["withhold"] = [rule, {"name": "levy", "rate": "1%"}]
    if draw(st.booleans()):
        found["fees"] = [{"name": "bank", "amount": "2"}, {"name": "service", "rate": chosen(draw, *rates)}]
    return found


def bounds(draw: Draw, names: Names, plan: dict[str, Any]) -> None:
    """Give a plan exclusive bonuses, limits and a payout, now and then."""
    bonuses = plan["bonuses"]
    if len(bonuses) > 1 and rarely(draw, 3):
        found = exclusive(draw, plan)
        if found:
            plan["exclusive"] = found
    if rarely(draw, 3):
        plan["limits"] = {
            name: limit(draw, names, list(bonuses)) for name in ["one", "two", "three"][: chosen(draw, 1, 1, 2, 3)]
        }
    if rarely(draw, 4):
        plan["payout"] = payout(draw, names, list(bonuses))
