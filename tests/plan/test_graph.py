"""What is read comes first, always in the same order, and a circle is named by its nodes."""

from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.plan.graph import circles, evaluation_order, everything_read
from mlmcalc.rules.values import Node


def metric(name):
    return Node("metric", name)


KINDS = ("volume", "tree", "metric", "ladder", "bonus")
NODES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from("abcdefgh")).map(lambda pair: Node(*pair)), unique=True
)


@st.composite
def graphs(draw, acyclic):
    nodes = draw(NODES)
    graph = {}
    for place, node in enumerate(nodes):
        known = nodes[:place] if acyclic else nodes
        graph[node] = set(draw(st.lists(st.sampled_from(known)))) if known else set()
    shuffled = draw(st.permutations(nodes))
    return {node: graph[node] for node in shuffled}


@given(graphs(acyclic=True))
def test_what_is_read_comes_first(graph):
    order = evaluation_order(graph)
    assert sorted(order) == sorted(graph)
    place = {node: number for number, node in enumerate(order)}
    assert all(place[read] < place[node] for node, found in graph.items() for read in found)
    assert circles(graph, order) == []


@given(graphs(acyclic=False))
def test_a_circle_is_found_if_and_only_if_nodes_are_left(graph):
    order = evaluation_order(graph)
    found = circles(graph, order)
    assert bool(found) == (len(order) < len(graph))
    for circle in found:
        assert len(set(circle)) == len(circle)
        following = [*circle[1:], circle[0]]
        assert all(read in graph[node] for node, read in zip(circle, following, strict=True))


def test_stages_and_then_the_document_decide_among_equals():
    graph = {
        Node("bonus", "b"): set(),
        metric("z"): set(),
        metric("a"): set(),
        Node("volume", "v"): set(),
        Node("tree", "t"): {metric("a")},
    }
    assert [node.name for node in evaluation_order(graph)] == ["v", "z", "a", "t", "b"]


def test_a_rolled_up_volume_reads_its_volume_and_its_tree():
    volume, tree, rolled = Node("volume", "pv"), Node("tree", "active"), Node("rolled", "pv@active")
    graph = everything_read({volume: set(), tree: {volume}, metric("tv"): {rolled}})
    assert evaluation_order(graph) == (volume, tree, rolled, metric("tv"))


def test_each_group_of_values_gives_one_circle():
    graph = {
        metric("a"): {metric("b")},
        metric("b"): {metric("a")},
        metric("c"): {metric("d"), metric("a")},
        metric("d"): {metric("e")},
        metric("e"): {metric("c")},
        metric("behind"): {metric("a")},
        metric("itself"): {metric("itself")},
    }
    found = circles(graph, evaluation_order(graph))
    assert sorted(sorted(node.name for node in circle) for circle in found) == [["a", "b"], ["c", "d", "e"], ["itself"]]


def test_a_long_chain_is_ordered():
    graph = {metric(f"m{number}"): {metric(f"m{number - 1}")} if number else set() for number in range(5000)}
    assert len(evaluation_order(dict(reversed(graph.items())))) == 5000
