"""Ladders where a status takes members out of the recorded tree."""

import itertools

import polars as pl

import mlmcalc

PLAN = """
mlmcalc: 1
plan: small
version: "1"
effective: 2026-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
statuses:
  left: {walk: compressed}
volumes:
  pv: {sum: pv}
trees:
  sponsor: {parent: sponsor_id}
  leaders: {compress: sponsor, keep: {rank: Leader}}
metrics:
  group: {sum: pv, over: group, tree: leaders}
  frontline: {count: frontline, tree: sponsor, where: {rank: Member}}
ranks:
  - {rank: Member, requires: {pv: 10}}
  - {rank: Manager, requires: {NEEDS}}
  - {rank: Leader, requires: {pv: 5000}}
"""
MEMBERS = pl.DataFrame(
    {"member_id": [1, 2, 3, 4], "sponsor_id": [None, 1, 1, 2], "status": ["active", "left", "active", "active"]}
)
VOLUMES = pl.DataFrame({"member_id": [1, 2, 3, 4], "pv": ["100", "50", "100", "100"]})


def test_a_group_has_the_volume_of_who_left_whatever_else_a_rung_asks_for_and_in_which_order():
    needs = ["group: 350", "frontline: 2", "legs: {with: Member, count: 2}"]
    for order in itertools.permutations(needs):
        plan = PLAN.replace("NEEDS", ", ".join(order))
        found = mlmcalc.run(plan, members=MEMBERS, volumes=VOLUMES, period="2026-10")
        assert found.members["rank"].to_list() == ["Manager", None, "Member", "Member"]
