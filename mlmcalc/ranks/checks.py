"""What can be wrong with a ladder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from mlmcalc.errors import Finding
from mlmcalc.ranks.rungs import LEGS, Alternative, LegsNeed
from mlmcalc.ranks.settled import feed_of, settled_by, tree_of_legs
from mlmcalc.ranks.written import WrittenLadder
from mlmcalc.rules.condition import check_word
from mlmcalc.rules.feeds import Feed, Unsettled, depends_on, recorded_root
from mlmcalc.rules.needs import NO_RANK
from mlmcalc.rules.rank_order import merged_ranks
from mlmcalc.rules.values import Node, Vocabulary
from mlmcalc.rules.words import meaning, nearest

Path = tuple[str | int, ...]


def ladder_findings(ladder: WrittenLadder, vocabulary: Vocabulary) -> list[Finding]:
    """Return what is wrong with a ladder, with paths relative to it."""
    name = ladder.name_in(vocabulary)
    findings = [*_name_findings(ladder), *_scheme_findings(ladder, vocabulary)]
    if ladder.tree is not None and ladder.tree not in vocabulary.trees:
        findings.append(_unknown_tree(ladder.tree, vocabulary, ("tree",)))
    for path, rung in ladder.rungs():
        for key, written in (("requires", rung.requires), ("keep", rung.keep)):
            alternatives = () if written is None else written.root
            for place, alternative in enumerate(alternatives):
                at = (*path, key, place) if len(alternatives) > 1 else (*path, key)
                findings += _alternative_findings(ladder, alternative, at, vocabulary, name)
    return [*findings, *_tree_findings(ladder, vocabulary)]


def _name_findings(ladder: WrittenLadder) -> Iterator[Finding]:
    names = [[rung.rank for rung in rungs] for rungs in ladder.lists().values()]
    for path, rung in ladder.rungs():
        if rung.rank in ("", NO_RANK) or rung.rank.endswith("+") or rung.rank[:1].isdigit():
            message = f"{rung.rank!r} is no name of a rank."
            remedy = f"A rank does not begin with a digit or end in +, and {NO_RANK} means no rank."
            yield Finding("ranks.name", message, remedy, path=(*path, "rank"))
    for scheme, rungs in ladder.lists().items():
        seen: set[str] = set()
        for place, rung in enumerate(rungs):
            if rung.rank in seen:
                path: Path = ("ladder", scheme, place, "rank") if scheme else ("ladder", place, "rank")
                message = f"{rung.rank} stands twice."
                remedy = "Write alternatives as a list in requires."
                yield Finding("ranks.name", message, remedy, path=path)
            seen.add(rung.rank)
    order = {rank: place for place, rank in enumerate(merged_ranks(names))}
    for scheme, ranks in zip(ladder.lists(), names, strict=True):
        wrong = [(low, high) for low, high in pairwise(ranks) if order[low] > order[high]]
        for low, high in wrong:
            message = f"Here {low} stands below {high}, in another scheme above it."
            yield Finding("ranks.order", message, "Keep one order of ranks.", path=("ladder", scheme))


def _scheme_findings(ladder: WrittenLadder, vocabulary: Vocabulary) -> Iterator[Finding]:
    lists = ladder.lists()
    if "" in lists:
        return
    for scheme in lists:
        if scheme not in vocabulary.schemes:
            remedy = nearest(scheme, vocabulary.schemes) or "Declare schemes: {by: COLUMN, names: [...]}."
            yield Finding("ranks.scheme", f"{scheme} is no scheme of this plan.", remedy, path=("ladder", scheme))
    for scheme in vocabulary.schemes:
        if scheme not in lists:
            message = f"The ladder says nothing of the scheme {scheme}."
            yield Finding("ranks.scheme", message, "Its members hold no rank.", "warning", path=("ladder",))


def _alternative_findings(
    ladder: WrittenLadder, alternative: Alternative, path: Path, vocabulary: Vocabulary, name: str
) -> Iterator[Finding]:
    own = Node("ladder", name)
    for word, need in alternative.needs.items():
        found = check_word(word, need, vocabulary, "rung")
        yield from (replace(finding, path=(*path, *finding.path)) for finding in found)
        if found:
            continue
        if word in vocabulary.required_metrics and (need.forms() - {"value", "min"}):
            message = f"{word} counts legs up to a part of what is required, so a least value is required of it."
            yield Finding("ranks.required", message, "Write a value, or min:.", path=(*path, word))
        said = meaning(word, vocabulary, "rung")
        node = None if said is None else said.node
        if node is None or not depends_on(node, own, vocabulary):
            continue
        feed = feed_of(node, own, vocabulary) if node != own else Unsettled("a rung cannot require its own ladder")
        if isinstance(feed, Unsettled):
            yield _circle(word, name, feed, (*path, word))
    for place, legs in enumerate(alternative.legs):
        at = (*path, LEGS, place) if len(alternative.legs) > 1 else (*path, LEGS)
        yield from _legs_findings(ladder, legs, at, vocabulary, own)


def _legs_findings(
    ladder: WrittenLadder, need: LegsNeed, path: Path, vocabulary: Vocabulary, own: Node
) -> Iterator[Finding]:
    ranks = vocabulary.ladders.get(own.name, ())
    if need.rank not in ranks:
        message = f"{need.rank} is not a rank of the ladder {own.name}."
        yield Finding("ranks.legs", message, nearest(need.rank, ranks), path=(*path, "with"))
    if need.levels == 0:
        yield Finding("ranks.legs", "The first level of a leg is 1.", "Write 1 or more.", path=(*path, "levels"))
    tree = tree_of_legs(ladder, need, vocabulary.first_tree)
    if tree not in vocabulary.trees:
        yield _unknown_tree(tree, vocabulary, (*path, "tree"))
    elif depends_on(Node("tree", tree), own, vocabulary):
        fault = Unsettled(f"the tree {tree} depends on {own.name}")
        yield _circle(LEGS, own.name, fault, path)


def _tree_findings(ladder: WrittenLadder, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding if what the ladder settles itself lies over several recorded trees."""
    settled = settled_by(ladder, vocabulary)
    trees = {word: feed.tree for word, feed in settled.feeds.items() if isinstance(feed, Feed)}
    for _, rung in ladder.rungs():
        for alternative in rung.alternatives:
            trees |= {
                f"legs with {need.rank}": tree_of_legs(ladder, need, vocabulary.first_tree) for need in alternative.legs
            }
    roots = {word: recorded_root(vocabulary, tree) for word, tree in trees.items()}
    if len(set(roots.values())) > 1:
        places = ", ".join(f"{word} over {root}" for word, root in roots.items())
        message = f"Metrics that depend on the ladder lie over several recorded trees ({places})."
        remedy = "Leaves up has a meaning in one tree only; use one recorded tree and what is derived from it."
        yield Finding("ranks.circle", message, remedy, path=("ladder",))


def _circle(word: str, ladder: str, fault: Unsettled, path: Path) -> Finding:
    message = f"{word} cannot be judged together with {ladder}: {fault.reason}."
    remedy = "Use legs, frontline or subtree counts, or groups, of ranks; or another ladder that is judged first."
    return Finding("ranks.circle", message, remedy, path=path)


def _unknown_tree(tree: str, vocabulary: Vocabulary, path: Path) -> Finding:
    return Finding("ranks.legs", f"{tree} is not a tree of this plan.", nearest(tree, vocabulary.trees), path=path)
