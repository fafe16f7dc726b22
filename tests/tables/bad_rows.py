"""Rows that contradict one another: ids, places in a tree, volumes, overrides."""

from __future__ import annotations

from mlmcalc.tables.needs import Needs
from tests.tables.bad import (
    LEGS,
    MEMBERS,
    ORDERS,
    OWN,
    PLAIN,
    TWO,
    Bad,
    adjustments,
    closed,
    framed,
    members,
    orders,
    overrides,
)

IDS = [
    orders("unknown buyer", "orders.unknown_member 3 member_id", "10,1,2026-10-01,5 / 11,77,2026-10-01,5"),
    orders("leading zero", "orders.unknown_member 2 member_id", "10,01,2026-10-01,5"),
    orders("blank buyer", "tables.blank_id 2 member_id", "10,,2026-10-01,5"),
    orders("blank order id", "tables.blank_id 2 order_id", ",1,2026-10-01,5"),
    orders("buyer with a space", "~tables.id_spelling 2 member_id", "10, 1,2026-10-01,5"),
    orders("zero width in an id", "tables.id_characters 2 member_id", "10,1\u200b,2026-10-01,5"),
    orders("order twice", "~orders.duplicate 3 order_id", "10,1,2026-10-01,5 / 10,1,2026-10-01,5.00"),
    orders(
        "order twice, unlike", "orders.conflict 4 order_id", "10,1,2026-10-01,5 / 11,1,2026-10-01,5 / 10,1,2026-10-01,6"
    ),
    orders("order twice, other buyer", "orders.conflict 3 order_id", "10,1,2026-10-01,5 / 10,2,2026-10-01,5"),
    orders("unknown kind", "orders.kind 2 kind", "10,1,2026-10-01,5,refund", "order_id,member_id,date,cv,kind"),
    orders("positive return", "orders.sign 2 cv", "10,1,2026-10-01,5,return", "order_id,member_id,date,cv,kind"),
    framed("id of half a float", "tables.id_number 3 member_id", member_id=[1.0, 1.5]),
    framed("id beyond exact floats", "tables.id_number 3 member_id", member_id=[1.0, 2.0**60]),
    Bad("no members", "members.none - -", {"members": "member_id,sponsor_id\n", "orders": ORDERS}),
    Bad("no table of members", "members.none - -", {"members": None, "orders": ORDERS}),
    members("blank member id", "tables.blank_id 3 member_id", "1, / ,1"),
    members("member twice", "genealogy.duplicate_id 4 member_id", "1, / 2,1 / 2,1"),
    members("member thrice", "genealogy.duplicate_id 3 member_id", "2,1 / 2,1 / 1, / 2,1"),
    members(
        "member twice by a space", "~tables.stray_space 3 member_id;genealogy.duplicate_id 3 member_id", "1, / 1 ,"
    ),
    members("member with a space", "~tables.stray_space 3 member_id", "1, /  2,1"),
    members("sponsor with a space", "~tables.id_spelling 3 sponsor_id", "A, / B,A "),
    members("sponsor in another case", "~tables.id_spelling 3 sponsor_id", "Ann, / Bob,ANN"),
    members("case that fits two", "genealogy.orphan 4 sponsor_id", "Ann, / ann, / Bob,ANN"),
    members("umlaut in an id", "tables.id_characters 2 member_id", "Jörg, / Ann,"),
    members("two spaces in an id", "tables.id_characters 2 member_id", "a  b, / Ann,"),
    members("hidden direction in an id", "tables.id_characters 2 member_id", "\u202egnp, / Ann,"),
    members("full-width id", "tables.id_characters 2 member_id", "１, / 2,"),
    members("reserved id", "members.reserved_id 2 member_id", "company, / a,"),
]

TREES = [
    members("unknown sponsor", "genealogy.orphan 3 sponsor_id", "1, / 2,99"),
    members("sponsor of no sense", "genealogy.orphan 3 sponsor_id", "1, / 2,none"),
    members("own sponsor", "genealogy.self_sponsor 3 sponsor_id", "1, / 2,2"),
    members("cycle of two", "genealogy.cycle 3 sponsor_id", "1, / 2,3 / 3,2"),
    members(
        "two cycles", "genealogy.cycle 2 sponsor_id;genealogy.cycle 5 sponsor_id", "1,2 / 2,3 / 3,1 / 4,5 / 5,4 / 6,4"
    ),
    members(
        "sponsor joined later",
        "~genealogy.joined_after_recruit 3 sponsor_id",
        "1,,2024-05-01 / 2,1,2024-04-30",
        "member_id,sponsor_id,joined",
    ),
    members("joined after the period", "~members.not_joined 2 joined", "1,,2026-11-01", "member_id,sponsor_id,joined"),
    members("bad day of joining", "tables.bad_day 2 joined", "1,,yesterday", "member_id,sponsor_id,joined"),
    members("unknown status", "members.status 2 status", "1,,asleep", "member_id,sponsor_id,status"),
    members("status of the engine", "members.status 2 status", "1,,not_joined", "member_id,sponsor_id,status"),
    members(
        "bad day of a status", "tables.bad_day 2 status_from", "1,,left,soon", "member_id,sponsor_id,status,status_from"
    ),
    members("unknown kind of member", "members.kind 2 kind", "1,,robot", "member_id,sponsor_id,kind"),
    members(
        "two on one leg",
        "genealogy.leg_taken 4 leg",
        "1,, / 2,1,left / 3,1,L",
        "member_id,sponsor_id,leg",
        needs=Needs(LEGS.trees),
    ),
    members("no leg", "genealogy.leg 3 leg", "1,, / 2,1,", "member_id,sponsor_id,leg", needs=Needs(LEGS.trees)),
    members(
        "leg beyond the width",
        "genealogy.leg 3 leg",
        "1,, / 2,1,3",
        "member_id,sponsor_id,leg",
        needs=Needs(LEGS.trees),
    ),
    members(
        "leg of no sense",
        "genealogy.leg 3 leg",
        "1,, / 2,1,middle",
        "member_id,sponsor_id,leg",
        needs=Needs(LEGS.trees),
    ),
    members(
        "wider than the plan",
        "genealogy.width 2 sponsor_id",
        "1, / 2,1 / 3,1 / 4,1",
        needs=Needs({"m": ("sponsor_id", "", 2)}),
    ),
    members("no day of joining", "tables.missing_column - joined", "1,", needs=Needs(PLAIN.trees, joined=True)),
    members("no scheme", "tables.missing_column - market", "1,", needs=Needs(PLAIN.trees, scheme_column="market")),
    members(
        "bad own columns",
        "tables.not_a_number 2 goal;tables.not_a_flag 2 founder;tables.bad_day 2 promo;"
        "tables.control_character 2 market",
        "1,,many,maybe,soon,D\u200bE",
        "member_id,sponsor_id,goal,founder,promo,market",
        needs=Needs(PLAIN.trees, member_columns=OWN.member_columns),
    ),
]


OTHERS = [
    Bad(
        "volumes of a stranger",
        "volumes.unknown_member 2 member_id",
        {"members": MEMBERS, "volumes": "member_id,cv\n9,5\n"},
    ),
    Bad(
        "volumes twice",
        "volumes.duplicate_member 4 member_id",
        {"members": MEMBERS, "volumes": "member_id,cv\n1,5\n2,5\n1,5\n"},
    ),
    Bad("blank volume", "tables.blank_amount 2 cv", {"members": MEMBERS, "volumes": "member_id,cv\n1,\n"}),
    overrides("override of a stranger", "overrides.unknown_member 2 member_id", "9,rank,Gold,,,,why,who"),
    overrides("override without reason", "overrides.reason 2 reason", "1,rank,Gold,,,,,who"),
    overrides("override without approver", "overrides.approver 2 approver", "1,rank,Gold,,,,why,"),
    overrides("unknown override", "overrides.kind 2 override", "1,title,Gold,,,,why,who"),
    overrides("blank override", "overrides.kind 2 override", "1,,Gold,,,,why,who"),
    overrides("forced rank without rank", "overrides.rank 2 rank", "1,rank,,,,,why,who"),
    overrides("waiver of nothing", "overrides.metric 2 metric", "1,waiver,Gold,,,,why,who"),
    overrides(
        "override that ends before it begins", "overrides.days 2 to", "1,rank,Gold,,2026-10-05,2026-10-01,why,who"
    ),
    overrides("bad day of an override", "tables.bad_day 2 from", "1,rank,Gold,,ever,,why,who"),
    overrides("two forced ranks", "overrides.conflict 3 rank", "1,rank,Gold,,,,why,who / 1,rank,Silver,,,,why,who"),
    overrides("hold of a rank", "overrides.hold 2 rank", "1,hold,Gold,,,,why,who"),
    overrides("hold of a metric", "overrides.hold 2 metric", "1,hold,,pv,,,why,who"),
    overrides("hold without reason", "overrides.reason 2 reason", "1,hold,,,,,,who"),
    closed("closed result of a stranger", "closed.unknown_member 2 member_id", "weekly,binary,2026-W41,9,5"),
    closed("closed result of no plan", "closed.blank 2 plan", ",binary,2026-W41,1,5"),
    closed("closed result of no bonus", "closed.blank 2 bonus", "weekly,,2026-W41,1,5"),
    closed("closed result of no period", "closed.blank 2 period", "weekly,binary,,1,5"),
    closed("closed result of half a cent", "tables.too_precise 2 amount", "weekly,binary,2026-W41,1,5.005"),
    closed(
        "closed result twice", "closed.duplicate 3 amount", "w,b,2026-W41,1,5 / w,b,2026-W41,1,6 / w,b,2026-W42,1,5"
    ),
    closed(
        "closed results beyond 64 bits",
        "closed.overflow - -",
        "w,a,2026-W41,1,60000000000000000 / w,b,2026-W41,1,60000000000000000",
    ),
    adjustments("adjustment of a stranger", "adjustments.unknown_member 2 member_id", "9,manual,5,why,who,,,"),
    adjustments("adjustment without type", "adjustments.type 2 type", "1,,5,why,who,,,"),
    adjustments(
        "adjustment without reason", "adjustments.reason 3 reason", "1,manual,5,why,who,,, / 1,manual,5,,who,,,"
    ),
    adjustments("adjustment without approver", "adjustments.approver 2 approver", "1,manual,5,why,,,,"),
    adjustments("adjustment of half a cent", "tables.too_precise 2 amount", "1,manual,5.005,why,who,,,"),
    adjustments("adjustment of nothing said", "tables.blank_amount 2 amount", "1,manual,,why,who,,,"),
    adjustments(
        "adjustments beyond 64 bits",
        "adjustments.overflow - -",
        "1,manual,60000000000000000,why,who,,, / 2,manual,60000000000000000,why,who,,,",
    ),
    adjustments(
        "adjustment twice",
        "~adjustments.repeated 4 amount",
        "1,manual,5,why,who,,, / 2,manual,5,why,who,,, / 1,manual,5,why,who,,,",
    ),
    Bad(
        "adjustments without amounts",
        "tables.missing_column - amount",
        {"members": MEMBERS, "orders": ORDERS, "adjustments": "member_id,type,reason,approver\n1,manual,why,who\n"},
    ),
    Bad(
        "everything at once",
        "genealogy.orphan 4 sponsor_id;genealogy.self_sponsor 3 sponsor_id;genealogy.duplicate_id 6 member_id;"
        "members.kind 5 kind;orders.unknown_member 2 member_id;tables.bad_day 3 date;tables.not_a_number 3 cv;"
        "tables.too_precise 4 cv;tables.blank_amount 4 qv;orders.conflict 5 order_id;~orders.outside_period 5 date;"
        "overrides.reason 2 reason;overrides.unknown_member 2 member_id",
        {
            "members": "member_id,sponsor_id,kind\n1,,\n2,2,\n3,9,\n4,1,robot\n4,1,\n",
            "orders": "order_id,member_id,date,qv,cv\n1,8,2026-10-01,1,1\n2,1,soon,1,x\n3,1,2026-10-01,,1.005\n"
            "1,1,2027-01-01,1,1\n",
            "overrides": "member_id,override,rank,reason,approver\n7,rank,Gold,,who\n",
        },
        TWO,
    ),
]
