"""Every named value of a plan, given the ranks; and the ranks as the point where nothing changes any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from tests.oracle import ladder as ladders
from tests.oracle import metrics, past
from tests.oracle.conditions import (
    NO_RANK,
    alternatives,
    cell_meets,
    day_meets,
    flag_meets,
    number_meets,
    rank_meets,
    text_meets,
)
from tests.oracle.joining import HUNG
from tests.oracle.scalars import ZERO, number, rate, round_to
from tests.oracle.snapshot import Company, Member, Row, Snapshot, Tree

Ranks = dict[str, dict[Member, int]]
Numbers = dict[Member, Fraction]


class World:
    """The values of a plan when the members hold the ranks given; `judging` names the ladder being judged."""

    def __init__(self, plan: dict[str, Any], snapshot: Snapshot, ranks: Ranks, judging: str | None = None) -> None:
        self.plan = plan
        self.snapshot = snapshot
        self.ranks = ranks
        self.judging = judging
        self.codes = {name: ladders.codes(word) for name, word in ladders.of_plan(plan).items()}
        self.columns: dict[str, Any] = plan.get("member_columns", {})
        # Bound caches: a world is thrown away as soon as a rank changes.
        self.volume = cache(self._volume)
        self.paid_orders = cache(self._paid_orders)
        self.tree = cache(self._tree)
        self.metric = cache(self._metric)
        self.active = cache(self._active)
        self.title = cache(lambda ladder, which: past.title(self, ladder, which))

    # volumes

    def decimals(self, word: str) -> int:
        """Return the decimals of a volume, ``VOLUME@TREE`` or metric."""
        name = word.partition("@")[0]
        volume = self.plan["volumes"].get(name)
        if name in self.plan.get("points", {}):
            return int(self.plan.get("decimals", "2"))
        if volume is None:
            return metrics.decimals(self, self.plan["metrics"][name])
        if "count" in volume:
            return 0
        if "closed" in volume:
            return self.money_decimals
        if "add" in volume and "decimals" not in volume:
            return self.decimals(volume["add"][0])
        return int(volume.get("decimals", self.plan.get("decimals", "2")))

    @property
    def money_decimals(self) -> int:
        """Return the decimals of money: those of the smallest payable amount, unless more are stated."""
        rounding = self.plan["rounding"]
        own = len(rounding["unit"].partition(".")[2])
        return int(rounding.get("money_decimals", own))

    def parts(self, name: str) -> list[tuple[Member, Row, Fraction]]:
        """Return whose volume each order is, the order, and how much of it counts, not rounded."""
        word = self.plan["volumes"][name]
        times = number(word.get("times", "1")) * rate(word.get("share", "100%"))
        if "add" in word:
            return [
                (member, order, amount * times) for inner in word["add"] for member, order, amount in self.parts(inner)
            ]
        if "closed" in word:
            return [
                (row["member_id"], {"order_id": ""}, number(row["amount"]))
                for row in self.snapshot.company.closed
                if row["plan"] == word["closed"] and row["bonus"] in word.get("bonuses", [row["bonus"]])
            ]
        found = []
        for order in self.snapshot.orders:
            if not self.holds_order(word.get("where", {}), order):
                continue
            member = self.snapshot.credited(order["member_id"], word.get("credit", "buyer"))
            if "count" in word:
                amount = Fraction(self.is_counted(word, order))
            else:
                amount = Fraction(order.get(word["sum"]) or "0") * times
            if "after" in word and order["order_id"] in self.paid_orders(word["after"]["bonus"]):
                amount *= rate(word["after"]["counts"])
            if member is not None:
                found.append((member, order, amount))
        return found

    def is_counted(self, word: dict[str, Any], order: Row) -> bool:
        """Return whether an order is one of those a volume counts: returns only where its condition speaks of kinds."""
        if any("kind" in words for words in alternatives(word.get("where", {}))):
            return True
        return (order.get("kind") or "sale") == "sale"

    def _paid_orders(self, bonus: str) -> frozenset[str]:
        from tests.oracle.commission import orders_paid_on

        return orders_paid_on(self, bonus)

    def tells_orders(self, word: dict[str, Any]) -> bool:
        """Return whether lines of a bonus are about single orders: by the grain, or because a volume asks for them."""
        asked = [volume["after"]["bonus"] for volume in self.plan["volumes"].values() if "after" in volume]
        is_asked = any(self.plan["bonuses"].get(name) is word for name in asked)
        return is_asked or self.plan["rounding"].get("grain", "source") == "order"

    def _volume(self, text: str) -> Numbers:
        name, _, tree_name = text.partition("@")
        if tree_name:
            return self._rolled_up(self.volume(name), self.tree(tree_name))
        word = self.plan["volumes"][name]
        total = dict.fromkeys(self.snapshot.ids, ZERO)
        if "add" in word:
            for inner in word["add"]:
                for member, amount in self.volume(inner).items():
                    total[member] += amount * number(word.get("times", "1"))
        else:
            for member, _order, amount in self.parts(name):
                total[member] += amount
        unit, mode = Fraction(1, 10 ** self.decimals(name)), self.plan["rounding"]["mode"]
        return {member: round_to(amount, unit, mode) for member, amount in total.items()}

    def _rolled_up(self, volume: Numbers, tree: Tree) -> Numbers:
        total = {member: amount if member in tree.nodes else ZERO for member, amount in volume.items()}
        if tree.policy == "roll_up":
            for member, amount in volume.items():
                keeper = tree.up[member]
                if member not in tree.nodes and keeper is not None:
                    total[keeper] += amount
        return total

    def holds_order(self, condition: Any, order: Row) -> bool:
        return any(
            all(self._order_meets(word, need, order) for word, need in words.items())
            for words in alternatives(condition)
        )

    def _order_meets(self, word: str, need: Any, order: Row) -> bool:
        snapshot, buyer = self.snapshot, order["member_id"]
        if word.startswith("member."):
            return self.meets(word.removeprefix("member."), need, buyer)
        if word == "kind":
            return text_meets(need, order.get("kind") or "sale")
        if word == "buyer":
            return text_meets(need, snapshot.kind(buyer))
        if word == "first_order":
            return flag_meets(need, order["order_id"] in snapshot.first_orders)
        column = self._column_of(buyer)
        if word.endswith("s_since_joined"):
            since = snapshot.since_joined(buyer, date.fromisoformat(order["date"]), word.partition("_")[0])
            return number_meets(need, since, column)
        # A column that is not declared is one that a volume sums: a number.
        kind = self.plan.get("order_columns", {}).get(word, {})
        return cell_meets(need, kind, order.get(word, ""), column)

    # trees

    def _tree(self, name: str) -> Tree:
        if name in self.snapshot.recorded:
            return self.snapshot.recorded[name]
        word = self.plan["trees"][name]
        for key, hang in HUNG.items():
            if key in word:
                return self.snapshot.walked(name, hang(self.snapshot, word))
        keep = frozenset(member for member in self.snapshot.ids if self.holds(word["keep"], member))
        return self.tree(word["compress"]).kept(keep, word.get("volume", "stay"))

    def whole_parents(self, name: str) -> dict[Member, Member | None]:
        """Return whom everybody hangs under in a tree that is derived from no other, whatever their status."""
        word = self.plan["trees"][name]
        for key, hang in HUNG.items():
            if key in word:
                return dict(hang(self.snapshot, word))
        return {member: self.snapshot.cell(member, word["parent"]) or None for member in self.snapshot.ids}

    # metrics and columns as numbers

    def _metric(self, name: str) -> Numbers:
        if name in self.plan.get("points", {}):
            from tests.oracle.commission import points_of

            return points_of(self, name)
        word = self.plan["metrics"][name]
        if metrics.looks_back(word):
            return past.metric(self, name, word)
        return metrics.evaluate(self, word)

    def title_word(self, word: str) -> tuple[str, str] | None:
        """Return ladder and ``title`` or ``title_before`` of a word that means a title."""
        ladder, dot, which = word.rpartition(".")
        if which not in past.TITLES:
            return None
        ladder = ladder if dot else past.named(self.plan, word)
        return (ladder, which) if ladder in self.codes else None

    def ranking(self, word: str) -> dict[Member, int] | None:
        """Return the rank of everybody on a ladder, or the title; None for another word."""
        if word in self.codes:
            return self.ranks[word]
        titled = self.title_word(word)
        return None if titled is None else self.title(*titled)

    def rank_of_table(self, bonus: Any, member: Member) -> int:
        """Return the rank by which a bonus's rate table chooses."""
        if "rank" not in self.codes:
            return NO_RANK
        by = bonus.get("rank", "paid_as")
        return self.ranks["rank"][member] if by == "paid_as" else self.title("rank", by)[member]

    def numbers(self, word: str) -> Callable[[Member], Fraction]:
        """Return the number that a word is for a member: volume, metric, rank or declared column."""
        if word.partition("@")[0] in self.plan["volumes"]:
            return self.volume(word).__getitem__
        if word in self.plan.get("metrics", {}) or word in self.plan.get("points", {}):
            return self.metric(word).__getitem__
        ranking = self.ranking(word)
        if ranking is not None:
            return lambda member: Fraction(ranking[member])
        return lambda member: self.snapshot.column_number(member, word)

    def _column_of(self, member: Member) -> Callable[[str], Fraction]:
        return lambda column: self.snapshot.column_number(member, column)

    # conditions on members

    def holds(self, condition: Any, member: Member) -> bool:
        return any(
            all(self.meets(word, need, member) for word, need in words.items()) for words in alternatives(condition)
        )

    def meets(self, word: str, need: Any, member: Member) -> bool:
        """Return whether one word of a condition holds for a member."""
        snapshot = self.snapshot
        if word == "active":
            return flag_meets(need, member in self.active())
        if word == "status":
            return text_meets(need, snapshot.status(member))
        if word == "kind":
            return text_meets(need, snapshot.kind(member))
        if word == "joined":
            return day_meets(need, snapshot.joined(member))
        ranking = self.ranking(word)
        if ranking is not None:
            ladder = word if word in self.codes else (self.title_word(word) or ("",))[0]
            return rank_meets(need, ranking[member], self.codes[ladder])
        if word in self.columns:
            return cell_meets(need, self.columns[word], snapshot.cell(member, word), self._column_of(member))
        schemes = self.plan.get("schemes")
        if schemes and word in ("scheme", schemes["by"]):
            return text_meets(need, snapshot.scheme(member))
        if word.endswith("s_since_joined"):
            since = snapshot.since_joined(member, snapshot.company.last, word.partition("_")[0])
            return number_meets(need, since, self._column_of(member))
        return number_meets(need, self.numbers(word)(member), self._column_of(member))

    def _active(self) -> frozenset[Member]:
        condition = self.plan.get("active", {"status": "active"})
        return frozenset(
            member for member in self.snapshot.ids if self.snapshot.has_joined(member) and self.holds(condition, member)
        )

    # who may earn

    def obstacle(self, member: Member, eligible: Any) -> str | None:
        """Return why a member cannot earn a bonus at all, ``not_active`` or ``not_eligible``, or None."""
        inactive = member not in self.active()
        asks_active = all(words.get("active") == "true" for words in alternatives(eligible))
        if self.snapshot.barred(member) or (inactive and asks_active):
            return "not_active"
        if self.snapshot.kind(member) != "distributor" or not self.holds(eligible, member):
            return "not_eligible"
        return None


def settle(plan: dict[str, Any], company: Company) -> World:
    """Return the world whose ranks are those that its own values give.

    Everybody starts without a rank. Each round judges everybody on the ranks of the round before; members are final
    from the leaves up, so as many rounds as the deepest tree has levels, for every ladder, are enough.
    """
    snapshot = Snapshot(plan, company)
    words = ladders.of_plan(plan)
    world = World(plan, snapshot, {name: dict.fromkeys(snapshot.ids, NO_RANK) for name in words})
    for _round in range((len(words) + 1) * (len(snapshot.ids) + 2)):
        before = world.ranks
        ranks = {name: ladders.judge(World(plan, snapshot, before, name), name, word) for name, word in words.items()}
        if ranks == world.ranks:
            return world
        world = World(plan, snapshot, ranks)
    raise AssertionError("the ranks do not settle")
