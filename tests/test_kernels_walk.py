"""The walk, posting and digest kernels against their slow twins."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from mlmcalc.kernels.posting import cut_above_cap, post_amounts, round_products
from mlmcalc.kernels.walk import nearest_above, walk_levels, walk_pairs
from mlmcalc.ledger.digest import ContentDigest, text_hashes
from mlmcalc.money import MODES, round_div
from tests.oracle import walks

POLICIES = ("lose", "company", "skip", "skip_unqualified", "pass_to")


def random_tree(rng, size, shape):
    if shape == "chain":
        return np.arange(-1, size - 1, dtype=np.int32)
    if shape == "star":
        return np.where(np.arange(size) == 0, -1, 0).astype(np.int32)
    parent = np.array([rng.integers(-1 if shape == "forest" else 0, index) if index else -1 for index in range(size)])
    return parent.astype(np.int32)


def near_of(parent, klass, pay, policy, rows):
    if policy in ("lose", "company"):
        return np.empty((0, 0), np.int32)
    levels = 1 if policy == "skip_unqualified" else pay.shape[1]
    near = np.empty((levels, parent.size), np.int32)
    for level in range(levels):
        able = klass < rows if policy == "skip_unqualified" else pay[klass, level] != -1
        nearest_above(parent, able, near[level])
    return near


def company(rng, size, shape, levels=4, rows=3):
    """Draw a tree, a class for everybody and sources with starts and ends that a walk can have."""
    parent = random_tree(rng, size, shape)
    classes = rows + 4
    pay = rng.choice([-1, 0, 10_000, 50_000, 70_000], size=(classes, levels)).astype(np.int64)
    pay[rows:] = -1
    klass = rng.integers(0, rows + 2, size).astype(np.int32)
    sources = []
    for index in range(size):
        chain, above = [], parent[index]
        while above >= 0:
            chain.append(int(above))
            above = parent[above]
        end = rng.choice(chain) + rng.integers(0, 2) if chain and rng.random() < 0.4 else 0
        sources.append((int(parent[index]), int(end), rows + 2 + int(rng.integers(0, 2)), int(rng.integers(-900, 900))))
    return parent, klass, pay, np.array(sources, np.int64).reshape(-1, 4)


def rated(lines, pay):
    """Return the lines of a walk with the rate of the class that each names; a rate to the company as it is paid."""
    rates = pay[lines[:, 3], lines[:, 2]]
    rates = np.where(rates < 0, -2 - rates, rates)
    return list(zip(*lines[:, :3].T.tolist(), rates.tolist(), strict=True))


def as_company(pay, rows):
    paid = pay.copy()
    lost = paid[: rows + 2] == -1
    paid[: rows + 2][lost] = -2 - 50_000
    return paid


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("shape", ["bush", "chain", "star", "forest"])
def test_walk_is_the_slow_walk(policy, shape):
    rng = np.random.default_rng(POLICIES.index(policy))
    rows = 3
    for size in (1, 2, 7, 40):
        parent, klass, pay, sources = company(rng, size, shape)
        if policy == "company":
            pay = as_company(pay, rows)
        used = np.zeros(pay.shape, np.int64)
        lines = np.empty((size * pay.shape[1], 4), np.int32)
        nodes = np.ascontiguousarray(np.stack([parent, klass], axis=1))
        near = near_of(parent, klass, pay, policy, rows)
        count = walk_levels(sources, nodes, near, pay, policy == "pass_to", used, lines)
        expected, sums = walks.walk(sources.tolist(), parent.tolist(), klass.tolist(), pay.tolist(), policy, rows)
        assert rated(lines[:count], pay) == expected
        assert {key: value for key, value in np.ndenumerate(used) if value} == {
            key: value for key, value in sums.items() if value
        }


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("shape", ["bush", "chain", "forest"])
def test_walk_with_pairs_is_the_slow_walk(policy, shape):
    rng = np.random.default_rng(17 + POLICIES.index(policy))
    rows = 3
    for size in (1, 5, 30):
        parent, klass, pay, sources = company(rng, size, shape)
        if policy == "company":
            pay = as_company(pay, rows)
        keys = rng.integers(0, 4, (size, 2))
        bounds = rng.integers(0, 4, (size, 2))
        failing = np.where(klass < rows, rows + 1, klass).astype(np.int32)
        nodes = np.ascontiguousarray(np.stack([parent, klass, failing], axis=1))
        used = np.zeros(pay.shape, np.int64)
        lines = np.empty((size * pay.shape[1], 4), np.int32)
        code = {"lose": 0, "company": 0, "skip": 1, "skip_unqualified": 2, "pass_to": 3}[policy]
        count = walk_pairs(
            sources, nodes, keys, bounds, np.ascontiguousarray(pay.T), np.array([code, rows]), used, lines
        )
        expected, sums = walks.walk(
            sources.tolist(),
            parent.tolist(),
            klass.tolist(),
            pay.tolist(),
            policy,
            rows,
            lambda source, index, keys=keys, bounds=bounds: bool((keys[source] >= bounds[index]).all()),
            failing.tolist(),
        )
        assert rated(lines[:count], pay) == expected
        assert {key: value for key, value in np.ndenumerate(used) if value} == {
            key: value for key, value in sums.items() if value
        }


@pytest.mark.compiled
@pytest.mark.parametrize("policy", POLICIES)
def test_a_chain_of_a_million_walks(policy):
    size = 1_000_000
    parent = np.arange(-1, size - 1, dtype=np.int32)
    klass = np.where(np.arange(size) % 1000 == 0, 0, 1).astype(np.int32)
    pay = np.array([[50_000, 40_000, 30_000], [-1, -1, -1], [-1, -1, -1]], np.int64)
    sources = np.stack([parent, np.zeros(size), np.full(size, 2), np.ones(size)], axis=1).astype(np.int64)
    used = np.zeros(pay.shape, np.int64)
    lines = np.empty((size * 3, 4), np.int32)
    near = near_of(parent, klass, pay, policy, 1)
    count = walk_levels(sources, np.stack([parent, klass], axis=1), near, pay, policy == "pass_to", used, lines)
    assert used.sum() == 3 * size
    assert count == used[0].sum()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("multiplier", "divisor", "unit"), [(1, 10**6, 1), (1, 5 * 10**6, 5), (1, 7, 1), (100, 3, 1)])
def test_products_round_on_the_magnitude(mode, multiplier, divisor, unit):
    rng = np.random.default_rng(5)
    base = rng.integers(-(10**6), 10**6, 300)
    rate = rng.integers(0, 10**6, 300)
    amount = np.empty(300, np.int64)
    taken = round_products(base, rate, np.array([multiplier, divisor, MODES.index(mode), unit]), amount)
    exact = [int(b) * int(r) * multiplier for b, r in zip(base, rate, strict=True)]
    expected = [round_div(value, divisor, mode) for value in exact]
    assert amount.tolist() == [value * unit for value in expected]
    assert taken == sum(value - count * divisor for value, count in zip(exact, expected, strict=True))


def test_halves_round_as_the_mode_says():
    base = np.array([5, 15, 25, -5, -15, -25], np.int64)
    rate = np.ones(6, np.int64)
    got = {}
    for code, mode in enumerate(MODES):
        amount = np.empty(6, np.int64)
        round_products(base, rate, np.array([1, 10, code, 1]), amount)
        got[mode] = amount.tolist()
    assert got == {
        "half_up": [1, 2, 3, -1, -2, -3],
        "half_even": [0, 2, 2, 0, -2, -2],
        "down": [0, 1, 2, 0, -1, -2],
        "up": [1, 2, 3, -1, -2, -3],
    }


def test_amounts_are_posted_to_their_earners():
    totals, counts = np.zeros(4, np.int64), np.zeros(4, np.int64)
    post_amounts(np.array([0, 2, 2, 3], np.int32), np.array([5, -1, 4, 9], np.int64), totals, counts)
    assert totals.tolist() == [5, 0, 3, 9]
    assert counts.tolist() == [1, 0, 2, 1]


def test_a_cap_fills_in_order_and_gives_back():
    rng = np.random.default_rng(9)
    groups = np.sort(rng.integers(0, 5, 60)).astype(np.int32)
    amounts = rng.integers(-50, 80, 60)
    cut = np.empty(60, np.int64)
    cut_above_cap(groups, np.arange(60), amounts, np.full(60, 100, np.int64), cut)
    assert cut.tolist() == walks.cuts(groups.tolist(), amounts.tolist(), 100)
    assert (cut < 0).any()
    assert (cut > 0).any()


def test_a_digest_is_the_sum_of_row_hashes_in_any_order():
    schema = [("member", "text"), ("amount", "decimal(2)")]
    texts = ["A1", "B-2", None, "ü"]
    amounts = np.array([5, -7, 2**62, 0], np.int64)
    digest = ContentDigest(schema)
    digest.add([texts, amounts])
    seed = hashlib.sha256(b"member:text\namount:decimal(2)").digest()
    words = [0x6E756C6C6E756C6C if text is None else walks.text_hash(text) for text in texts]
    lanes = [
        sum(
            walks.row_hash(int.from_bytes(seed[lane * 8 : lane * 8 + 8], "little"), [word, int(amount)])
            for word, amount in zip(words, amounts, strict=True)
        )
        % 2**64
        for lane in range(2)
    ]
    assert digest.hex() == f"{lanes[0]:016x}{lanes[1]:016x}-4"
    parts = ContentDigest(schema)
    parts.add([texts[2:], amounts[2:]])
    parts.add([texts[:2], amounts[:2]])
    assert parts.hex() == digest.hex()
    assert text_hashes(["A1"])[0] == walks.text_hash("A1")


def test_a_digest_tells_apart_what_differs():
    def of(schema, *columns):
        digest = ContentDigest(schema)
        digest.add(columns)
        return digest.hex()

    one = np.array([1, 2], np.int64)
    seen = {
        of([("a", "int"), ("b", "int")], one, one[::-1].copy()),
        of([("a", "int"), ("b", "int")], one[::-1].copy(), one),
        of([("a", "int"), ("b", "int")], one, one),
        of([("a", "int"), ("c", "int")], one, one),
        of([("a", "int"), ("b", "text")], one, one),
    }
    assert len(seen) == 4, "only the order of rows may not show"
