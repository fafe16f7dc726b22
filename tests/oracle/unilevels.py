"""Plain unilevel plans drawn at random: no counts of heads, no caps; volumes enter linearly or by steps."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.companies import Wishes, companies
from tests.oracle.plans import Case
from tests.oracle.words import Draw, chosen

LIST = st.lists(st.sampled_from(["1%", "2.5%", "5%", "10%"]), min_size=1, max_size=4)


def head(place: str, grain: str) -> dict[str, Any]:
    return {
        "mlmcalc": "1",
        "plan": "plain",
        "version": "1",
        "effective": "2026-01-01",
        "currency": "EUR",
        "decimals": "0",
        "rounding": {"place": place, "grain": grain, "mode": "half_up", "unit": "0.01"},
        "member_columns": {"team": "text", "founder": "flag"},
        "volumes": {"pv": {"sum": "qv"}, "cv": {"sum": "cv"}},
    }


@st.composite
def linear(draw: Draw) -> Case:
    """Draw a unilevel whose payments are linear in the volumes, nothing rounded before the payout."""
    plan = head("payout", draw(st.sampled_from(["source", "order"])))
    plan["trees"] = {"sponsor": {"parent": "sponsor_id"}}
    plan["bonuses"] = {
        "unilevel": {
            "levels": draw(LIST),
            "base": "cv",
            "otherwise": draw(st.sampled_from(["lose", "skip", "company", "pass_to"])),
            "eligible": chosen(draw, {}, {"team": "red"}, {"founder": "true"}),
        },
        "own": {"personal": "5%", "base": "pv"},
    }
    return Case(plan, draw(companies(Wishes(False, True, 0, draw(st.booleans())), draw(st.booleans()))))


@st.composite
def compressed(draw: Draw) -> Case:
    """Draw a unilevel by rank on a compressed tree, thresholds on own and group volume."""
    plan = head("payout", draw(st.sampled_from(["source", "order"])))
    plan["trees"] = {
        "sponsor": {"parent": "sponsor_id"},
        "active": {
            "compress": "sponsor",
            "keep": {"status": "active", "pv": chosen(draw, "1", "50", "100")},
            "volume": chosen(draw, "stay", "stay_same_level", "roll_up"),
        },
    }
    plan["metrics"] = {"gv": {"sum": "pv", "over": "subtree"}}
    plan["ranks"] = [
        {"rank": "Partner", "requires": {"pv": "1"}},
        {"rank": "Manager", "requires": {"pv": "50", "gv": "200"}},
    ]
    base = chosen(draw, "cv", "cv@active" if plan["trees"]["active"]["volume"] == "roll_up" else "cv")
    plan["bonuses"] = {
        "unilevel": {
            "levels": {"Partner": draw(LIST), "Manager": draw(LIST)},
            "base": base,
            "tree": "active",
            "otherwise": draw(st.sampled_from(["lose", "skip", "skip_unqualified", "company", "pass_to"])),
        }
    }
    return Case(plan, draw(companies(Wishes(False, True, 0, draw(st.booleans())), draw(st.booleans()))))
