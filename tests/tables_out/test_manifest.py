import json
from dataclasses import replace

import pytest

from mlmcalc.ledger.equation import Equation
from mlmcalc.runs.manifest import Identity, InputSeal, build_manifest, content_digest, manifest_text, seal_manifest

SEALS = (InputSeal("members", "m.csv", "aa", 3), InputSeal("orders", "o.csv", "bb", 5, {"cv": "12.00"}))
IDENTITY = Identity("alpine", "2026-01", "digest", "2026-10", "2026-10-01", "2026-10-31", SEALS)


def test_the_id_of_a_run_is_a_name_for_a_folder():
    plan, period, digits = IDENTITY.run_id.rsplit(".", 2)
    assert (plan, period) == ("alpine-2026-01", "2026-10")
    assert len(digits) == 12
    hostile = replace(IDENTITY, plan_version="../../x y\n").run_id
    assert "/" not in hostile
    assert not hostile.startswith(".")


@pytest.mark.parametrize(
    "change",
    [
        {"plan_digest": "other"},
        {"period": "2026-11"},
        {"inputs": SEALS[:1]},
        {"inputs": (SEALS[0], replace(SEALS[1], sha256="cc"))},
        {"inputs": (SEALS[0], replace(SEALS[1], name="volumes"))},
    ],
)
def test_the_id_follows_what_went_in(change):
    assert replace(IDENTITY, **change).run_id != IDENTITY.run_id


def test_the_id_does_not_follow_where_it_came_from():
    assert replace(IDENTITY, inputs=tuple(reversed(SEALS))).run_id == IDENTITY.run_id
    assert replace(IDENTITY, inputs=(replace(SEALS[0], path="/elsewhere/m.csv"), SEALS[1])).run_id == IDENTITY.run_id


def manifest():
    digests = {"lines": "1-2", "statements": "3-4", "findings": "5-6"}
    balance = [Equation("unilevel", 1000, 800, 150, 40, 10, 3)]
    return build_manifest(IDENTITY, digests, balance, {"paid": "0.80"}, {"tables.near_miss": 2, "a.b": 1})


def test_what_a_manifest_says():
    got = manifest()
    assert got["versions"]["plan_language"] == got["versions"]["arithmetic"] == 1
    assert set(got["versions"]["tables"]) == set(got["digests"])
    assert got["balance"] == [
        {
            "bonus": "unilevel",
            "offered": "1.000",
            "paid": "0.800",
            "breakage": "0.150",
            "cut": "0.040",
            "rounding": "0.010",
        }
    ]
    assert got["warnings"] == {"count": 3, "codes": {"a.b": 1, "tables.near_miss": 2}}
    assert got["inputs"][1] == {"name": "orders", "path": "o.csv", "sha256": "bb", "rows": 5, "totals": {"cv": "12.00"}}
    assert len(got["evidence"]["kernels"]) == 64


def test_the_seal_leaves_out_only_the_clock():
    got = manifest()
    assert seal_manifest(got | {"timings": {"seconds": 1}}) == seal_manifest(got | {"timings": {"seconds": 2}})
    for key in set(got) - {"timings"}:
        assert seal_manifest(got | {key: "changed"}) != seal_manifest(got)
    written = json.loads(manifest_text(got))
    assert written["manifest_sha256"] == seal_manifest(written)


def test_the_digest_of_a_run_leaves_out_findings():
    assert content_digest({"lines": "1", "findings": "2"}) == content_digest({"lines": "1", "findings": "3"})
    assert content_digest({"lines": "1"}) != content_digest({"lines": "2"})
