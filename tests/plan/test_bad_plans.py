"""Every fault of a plan is refused with its code at its line, in words a plan manager knows."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.errors import InputRefused
from mlmcalc.plan.load import load_plan

ALPINE = (Path(__file__).parent / "alpine.yaml").read_text(encoding="utf-8")

# name: (what stands in the plan, what stands there instead, the finding). The line ends with #! where the finding is.
BAD = {
    # how it is written
    "duplicate key of a section": ("  cv: {sum: cv,", "  pv: {sum: qv} #!\n  cv: {sum: cv,", "documents.duplicate"),
    "duplicate key of the plan": ("currency: EUR", "currency: EUR\nplan: beta #!", "documents.duplicate"),
    "duplicate rank in a rate table": (
        "levels: {Partner: [5%, 5%], Manager: [5%, 5%, 5%],",
        "levels: {Partner: [5%, 5%], Manager: [5%], Manager: [5%, 5%, 5%], #!\n     ",
        "documents.duplicate",
    ),
    "tag": ("{sum: qv}", "!volume {sum: qv} #!", "documents.tag"),
    "anchor": ("{sum: qv}", "&pv {sum: qv} #!", "documents.anchor"),
    "alias": ("{sum: qv}", "*pv #!", "documents.anchor"),
    "merge": ("pv: {sum: qv}", "pv:\n    <<: *x #!", "documents.anchor"),
    "tab": ("  pv: {sum: qv}", "\tpv: {sum: qv} #!", "documents.tab"),
    "second document": ("volumes:", "---  #!\nvolumes:", "documents.several"),
    "unclosed bracket": ("{sum: qv}\n  cv: {sum: cv,", "{sum: qv\n  cv: {sum: cv, #!\n ", "documents.syntax"),
    "deep nesting": ("{sum: qv}", "{sum: qv, where: " + "[" * 60 + "]" * 60 + "} #!", "documents.depth"),
    "invisible character": ("  pv:", "  p\u200bv:  #!\n  pv:", "documents.invisible"),
    "list as key": ("  pv: {sum: qv}", "  ? [pv] #!\n  : {sum: qv}", "documents.key"),
    # the head
    "language version": ("mlmcalc: 1", "mlmcalc: 2 #!", "plan.value"),
    "no language version": ("mlmcalc: 1\n", "", "plan.missing"),
    "no currency": ("currency: EUR\n", "", "plan.missing"),
    "currency in words": ("currency: EUR", "currency: euro #!", "plan.value"),
    "bad period": ("period: month", "period: fortnight #!", "plan.choice"),
    "bad time zone": ("Europe/Rome", "Europe/Roma #!", "plan.value"),
    "time zone that is a folder": ("Europe/Rome", "America #!", "plan.value"),
    "time zone that is a path": ("Europe/Rome", "../../etc/passwd #!", "plan.value"),
    "day that does not exist": ("effective: 2026-01-01", "effective: 2026-02-30 #!", "plan.value"),
    "day in another form": ("effective: 2026-01-01", "effective: 01.01.2026 #!", "plan.value"),
    "plan name": ("plan: alpine", "plan: my plan #!", "plan.value"),
    "no version": ("version: 2026-01", "version: #!", "plan.value"),
    "unknown key": ("currency: EUR", "currency: EUR\ncurency: EUR #!", "plan.unknown_key"),
    "placements are not of this language": ("volumes:", "placement: {width: 2} #!\nvolumes:", "plan.unknown_key"),
    "rounding in words": (
        "rounding: {place: line, grain: source, mode: half_up, unit: 0.01}",
        "rounding: cents #!",
        "plan.type",
    ),
    "rounding mode": ("half_up", "halfup", "plan.choice"),
    "rounding place": ("place: line", "place: lines", "plan.choice"),
    "no rounding unit": (", unit: 0.01}", "}", "plan.missing"),
    "rounding unit of zero": ("unit: 0.01", "unit: 0.00", "plan.value"),
    "negative rounding unit": ("unit: 0.01", "unit: -0.01", "plan.value"),
    "rounding unit beyond all money": ("unit: 0.01", "unit: 1000000", "plan.value"),
    "number of more digits than an integer has": (
        "tier: pv, base: cv}",
        "tier: pv, base: cv, eligible: {pv: %s}}" % ("1" * 5000),
        "rules.number",
    ),
    "first generation out of reach": ("count_from: 1}", "count_from: 40000} #!", "plan.value"),
    "fewer money decimals than the unit": ("unit: 0.01", "unit: 0.01, money_decimals: 1", "plan.value"),
    "decimals": ("currency: EUR", "currency: EUR\ndecimals: 9 #!", "plan.value"),
    "status of active": ("volumes:", "statuses: {active: {earner: false}} #!\nvolumes:", "plan.value"),
    "unknown status": ("volumes:", "statuses: {gone: {earner: false}} #!\nvolumes:", "plan.unknown_key"),
    "walk": ("volumes:", "statuses: {left: {walk: around}} #!\nvolumes:", "plan.choice"),
    "schemes without names": ("volumes:", "schemes: {by: market} #!\nvolumes:", "plan.missing"),
    "scheme twice": ("volumes:", "schemes: {by: market, names: [A, A]} #!\nvolumes:", "plan.value"),
    "scheme like a tier": ("volumes:", "schemes: {by: market, names: ['1', '2']} #!\nvolumes:", "plan.value"),
    "scheme like the rest": ("volumes:", "schemes: {by: market, names: [other, B]} #!\nvolumes:", "plan.value"),
    "scheme like a rank": (
        "volumes:",
        "schemes: {by: market, names: [Manager, B]} #!\nvolumes:",
        "plan.same_name rules.rates_key",
    ),
    "scheme of a number": ("volumes:", "schemes: {by: founder, names: [A, B]}\nvolumes:", "plan.scheme_column"),
    "column type": ("{market: text,", "{market: string,", "plan.value"),
    "number column without decimals": ("goal: {decimals: 2}", "goal: number", "plan.value"),
    "column of the language": ("{market: text,", "{status: text, market: text,", "plan.reserved"),
    # the sections
    "no volumes": (re.compile(r"volumes:\n(  .*\n)+"), "", "plan.missing"),
    "volumes as a list": (re.compile(r"volumes:\n(  .*\n)+"), "volumes: [pv, cv] #!\n", "plan.type"),
    "name with a space": ("  pv: {sum: qv}", "  pv: {sum: qv}\n  my volume: {sum: qv} #!", "plan.name"),
    "volume without a word": ("pv: {sum: qv}", "pv: {som: qv} #!", "plan.word"),
    "volume of two words": ("pv: {sum: qv}", "pv: {sum: qv, add: [cv]} #!", "plan.word"),
    "volume as text": ("pv: {sum: qv}", "pv: qv #!", "plan.type"),
    "key of a volume": ("pv: {sum: qv}", "pv: {sum: qv, were: {}} #!", "plan.unknown_key"),
    "credit": ("pv: {sum: qv}", "pv: {sum: qv, credit: upline} #!", "plan.choice"),
    "share without its sign": ("pv: {sum: qv}", "pv: {sum: qv, share: 0.5} #!", "plan.value"),
    "volume added that is none": ("add: [cv, retail]}", "add: [cv, retale]} #!", "volumes.unknown"),
    "word of an order condition": ("{days_since_joined:", "{days_since_join:", "rules.unknown_word"),
    "volume named like a word": ("  pv: {sum: qv}", "  pv: {sum: qv}\n  active: {sum: qv} #!", "plan.reserved"),
    "metric named like a volume": (
        "  gv: {sum: pv,",
        "  cv: {sum: pv, over: subtree, tree: sponsor} #!\n  gv: {sum: pv,",
        "plan.same_name",
    ),
    "column summed that is text": ("pv: {sum: qv}", "pv: {sum: qv}\n  xv: {sum: country} #!", "plan.summed_column"),
    "column summed that is an id": ("pv: {sum: qv}", "pv: {sum: qv}\n  xv: {sum: order_id} #!", "plan.summed_column"),
    "first tree derived": (
        "  sponsor: {parent: sponsor_id}\n",
        "  first: {compress: sponsor, keep: {}} #!\n  sponsor: {parent: sponsor_id}\n",
        "plan.first_tree",
    ),
    "tree of an unknown tree": ("active: {compress: sponsor,", "active: {compress: sponser, #!\n   ", "trees.unknown"),
    "volume policy": ("volume: stay}", "volume: vanish} #!", "plan.choice"),
    "unknown word of a condition": (
        "leaders: {compress: sponsor, keep: {rank: Director}}",
        "leaders: {compress: sponsor, keep: {titel: Director}} #!",
        "rules.unknown_word",
    ),
    "rank of a condition unknown": (
        "leaders: {compress: sponsor, keep: {rank: Director}}",
        "leaders: {compress: sponsor, keep: {rank: Directer}} #!",
        "rules.rank",
    ),
    "threshold in words": (
        "active: {compress: sponsor, keep: {pv: 100}",
        "active: {compress: sponsor, keep: {pv: hundred}",
        "rules.number",
    ),
    "threshold with too many decimals": (
        "active: {compress: sponsor, keep: {pv: 100}",
        "active: {compress: sponsor, keep: {pv: 100.005}",
        "rules.number",
    ),
    "metric of an unknown volume": ("gv: {sum: pv, over", "gv: {sum: vp, over", "metrics.unknown"),
    "metric over an unknown tree": (
        "gv: {sum: pv, over: subtree, tree: sponsor}",
        "gv: {sum: pv, over: subtree, tree: sponsors} #!",
        "metrics.tree",
    ),
    "over what": ("gv: {sum: pv, over: subtree", "gv: {sum: pv, over: everybody", "plan.choice"),
    "group over a recorded tree": (
        "pgv: {sum: pv, over: group, tree: leaders}",
        "pgv: {sum: pv, over: group, tree: sponsor} #!",
        "metrics.group",
    ),
    "take in words": ("take: all_but_largest}", "take: all_but_smallest} #!", "plan.value"),
    "levels the wrong way round": ("tree: rolled, levels: 1}", "tree: rolled, levels: [3, 1]} #!", "plan.value"),
    "rolled volume of a tree that does not roll": (
        "tv: {sum: pv@rolled, over: subtree, tree: rolled",
        "tv: {sum: pv@active, over: subtree, tree: rolled",
        "metrics.unknown",
    ),
    # ranks
    "rung without a rank": ("  - {rank: Partner, requires: {pv: 100}}", "  - {requires: {pv: 100}} #!", "plan.missing"),
    "rank twice": (
        "  - {rank: Manager,",
        "  - {rank: Partner, requires: {pv: 150}} #!\n  - {rank: Manager,",
        "ranks.name",
    ),
    "rung requires an unknown word": ("gv: 2000, recruits: 2}}", "gv: 2000, recruit: 2}} #!", "rules.unknown_word"),
    "legs with an unknown rank": (
        "legs: {with: Manager, count: 2}}",
        "legs: {with: Manger, count: 2}} #!",
        "ranks.legs",
    ),
    "goal of a text column": ("{min: {column: goal}}", "{min: {column: market}}", "rules.goal"),
    "key of a rung": ("{rank: Partner, requires:", "{rank: Partner, require:", "plan.unknown_key"),
    # bonuses
    "rate without its sign": ("levels: [20%, 10%]", "levels: [0.2, 10%]", "rules.rates_sign"),
    "rate as a fraction": ("50: 5%,", "50: 0.05,", "rules.rates_sign"),
    "rate with five decimals": ("50: 5%,", "50: 5.12345%,", "plan.value"),
    "negative rate": ("50: 5%,", "50: -5%,", "plan.value"),
    "bonus without a word": ("  leadership: {levels:", "  leadership: {level:", "plan.word"),
    "bonus of another word": ("  leadership: {levels: {Director: [4%, 2%]}", "  leadership: {lottery: 1%", "plan.word"),
    "bonus without a base": (
        "leadership: {levels: {Director: [4%, 2%]}, base: cv,",
        "leadership: {levels: {Director: [4%, 2%]},",
        "plan.missing",
    ),
    "bonus on an unknown volume": ("tier: pv, base: cv}", "tier: pv, base: vc} #!", "bonuses.base"),
    "bonus on unknown earnings": ("{earned: [unilevel]}", "{earned: [unlevel]}", "bonuses.base"),
    "bonus in an unknown tree": (
        "  leadership: {levels: {Director: [4%, 2%]}, base: cv, tree: leaders",
        "  leadership: {levels: {Director: [4%, 2%]}, base: cv, tree: leader",
        "bonuses.tree",
    ),
    "rates of an unknown rank": (
        "  leadership: {levels: {Director: [4%, 2%]}",
        "  leadership: {levels: {Boss: [4%, 2%]}",
        "rules.rates_key",
    ),
    "policy": ("otherwise: skip_unqualified", "otherwise: skip_all #!", "plan.choice"),
    "generations in a recorded tree": (
        "tree: leaders, count_from: 1}",
        "tree: sponsor, count_from: 1} #!",
        "bonuses.generations",
    ),
    "cap without money": (
        "otherwise: skip_unqualified",
        "otherwise: skip_unqualified\n    cap: {per_source: lots} #!",
        "plan.value",
    ),
    "cap of nothing": ("otherwise: skip_unqualified", "otherwise: skip_unqualified\n    cap: {} #!", "plan.value"),
    "cap with half cents": (
        "otherwise: skip_unqualified",
        "otherwise: skip_unqualified\n    cap: {per_source: 0.005} #!",
        "bonuses.cap",
    ),
    "until an unknown rank": (
        "otherwise: skip_unqualified",
        "otherwise: skip_unqualified\n    until: {rank: Boss} #!",
        "bonuses.until",
    ),
    "pair": (
        "otherwise: skip_unqualified",
        "otherwise: skip_unqualified\n    pairs: [source.gv > gv] #!",
        "plan.value",
    ),
    "bonus named company": ("  leadership: {levels:", "  company: {levels:", "plan.reserved"),
    "tier by an unknown name": ("tier: pv, base: cv}", "tier: vp, base: cv} #!", "bonuses.tier rules.rates_tier"),
    # circles
    "volumes in a circle": (
        "total: {add: [cv, retail]}",
        "total: {add: [cv, again]} #!\n  again: {add: [total, cv]}",
        "plan.circle",
    ),
    "trees in a circle": (
        "active: {compress: sponsor, keep: {pv: 100}, volume: stay}",
        "active: {compress: high, keep: {pv: 1}, volume: stay} #!\n  high: {compress: active, keep: {pv: 2}}",
        "plan.circle",
    ),
    "metrics in a circle": (
        "gv: {sum: pv, over: subtree, tree: sponsor}",
        "gv: {sum: side, over: subtree, tree: sponsor} #!",
        "plan.circle",
    ),
    "bonuses in a circle": (
        "  fast_start: {levels: [20%, 10%], base: first_60_days,",
        "  fast_start: {levels: [20%, 10%], base: {earned: [fast_start]},",
        "plan.circle",
    ),
}


def faulty(name):
    old, new, code = BAD[name]
    if isinstance(old, re.Pattern):
        text = old.sub(lambda _: new, ALPINE, count=1)
    else:
        assert old in ALPINE
        text = ALPINE.replace(old, new, 1)
    assert text != ALPINE
    lines = text.split("\n")
    marked = [number for number, line in enumerate(lines, 1) if "#!" in line]
    changed = next(
        number for number, pair in enumerate(zip(lines, ALPINE.split("\n"), strict=False), 1) if pair[0] != pair[1]
    )
    return text, code, marked[0] if marked else changed


def findings_of(text):
    with pytest.raises(InputRefused) as caught:
        load_plan(text, "plan.yaml")
    return caught.value.findings


# What is missing has no line of its own; a column that is wrong for what uses it is found where it is declared.
ELSEWHERE = ("no language version", "no currency", "no volumes", "scheme of a number")
JARGON = re.compile(
    r"Input should|Value error|validation error|\[type=|function-|tuple\[|dict\[|list\[|Traceback|<class"
)


@pytest.mark.parametrize("name", BAD)
def test_bad_plan(name):
    text, code, line = faulty(name)
    findings = findings_of(text)
    errors = [finding for finding in findings if finding.level == "error"]
    assert {finding.code for finding in errors} == set(code.split())
    if name not in ELSEWHERE:
        assert errors[0].line == line
    for finding in findings:
        assert finding.file == "plan.yaml"
        assert finding.line is not None
        assert finding.message[-1] in ".?"
        assert not JARGON.search(finding.text())
        assert not any("[" in str(step) for step in finding.path)


def test_the_example_is_good():
    plan = load_plan(ALPINE)
    assert plan.name == "alpine"


def test_all_findings_come_at_once():
    text = ALPINE
    wanted = set()
    for name in ("bad period", "key of a volume", "rate as a fraction", "metric over an unknown tree", "policy"):
        old, new, code = BAD[name]
        text = text.replace(old, new, 1)
        wanted.add(code)
    findings = findings_of(text)
    assert wanted <= {finding.code for finding in findings}
    lines = [finding.line or 0 for finding in findings]
    assert lines == sorted(lines)


MEANT = {
    "unknown key": "currency",
    "key of a volume": "where",
    "bad time zone": "Europe/Rome",
    "rate as a fraction": "5%",
    "rounding mode": "half_up",
    "volume without a word": "sum",
    "bonus without a word": "levels",
    "metric over an unknown tree": "sponsor",
    "bonus on unknown earnings": "unilevel",
    "rung requires an unknown word": "recruits",
    "volume added that is none": "retail",
    "number column without decimals": "{decimals: 2}",
}


@pytest.mark.parametrize("name", MEANT)
def test_the_remedy_names_what_was_meant(name):
    text, code, _ = faulty(name)
    finding = next(finding for finding in findings_of(text) if finding.code == code)
    assert MEANT[name] in finding.remedy


def test_a_circle_names_its_nodes():
    text, _, _ = faulty("metrics in a circle")
    assert "gv → side → gv" in findings_of(text)[0].message


WORDS = (
    "pv",
    "gv",
    "5%",
    "0.05",
    "{}",
    "[]",
    "[{}]",
    "-",
    "none",
    "Director",
    "''",
    "1e9",
    "sponsor",
    "true",
    "9" * 20,
)
NESTED = (
    "{min: 1}",
    "{rank: X}",
    "[a, b]",
    "{sum: pv}",
    "{levels: [5%]}",
    "{is: {a: b}}",
    "{column: goal}",
    "[5%, [5%]]",
)
PIECES = st.sampled_from([*WORDS, *NESTED])
VALUES = re.compile(r"(?<=: )[^\s{}\[\],#][^{}\[\],#\n]*")


@given(st.data())
def test_any_value_in_any_place_is_read_or_refused(data):
    places = list(VALUES.finditer(ALPINE))
    text = ALPINE
    for place in sorted(
        data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)), key=lambda p: -p.start()
    ):
        text = text[: place.start()] + data.draw(PIECES) + text[place.end() :]
    try:
        load_plan(text)
    except InputRefused as refusal:
        for finding in refusal.findings:
            assert not JARGON.search(finding.text()), finding.text()


@given(st.data())
def test_any_key_in_any_place_is_read_or_refused(data):
    keys = list(re.finditer(r"[A-Za-z_0-9]+(?=: )", ALPINE))
    place = data.draw(st.sampled_from(keys))
    other = data.draw(st.sampled_from(keys)).group()
    try:
        load_plan(ALPINE[: place.start()] + other + ALPINE[place.end() :])
    except InputRefused as refusal:
        for finding in refusal.findings:
            assert not JARGON.search(finding.text()), finding.text()
