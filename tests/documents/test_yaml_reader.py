"""The reader is strict: text stays text, places are known, and everything doubtful is refused at its place."""

import contextlib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlmcalc.documents import yaml_reader
from mlmcalc.documents.yaml_reader import read_document, read_file
from mlmcalc.errors import InputRefused


def refused(content):
    with pytest.raises(InputRefused) as caught:
        read_document(content, "plan.yaml")
    return caught.value.findings


def test_every_scalar_stays_text():
    document = read_document(
        "a: NO\nb: 012\nc: 1e3\nd: 2026-01-01\ne: 0x1F\nf: true\ng: 1_000\nh: '~'\ni: .5\nj: 5%\n", "p"
    )
    assert document.value == {
        "a": "NO", "b": "012", "c": "1e3", "d": "2026-01-01", "e": "0x1F", "f": "true", "g": "1_000", "h": "~",
        "i": ".5", "j": "5%",
    }  # fmt: skip


def test_null_is_empty_text():
    assert read_document("a:\nb: ~\nc: null\nd: [null, '']\n", "p").value == {"a": "", "b": "", "c": "", "d": ["", ""]}


def test_numbers_as_keys_stay_text():
    assert read_document("0: 5%\n1000: 10%\n01: x\n", "p").value == {"0": "5%", "1000": "10%", "01": "x"}


def test_byte_order_mark_and_line_ends_are_tolerated():
    assert read_document(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "p").value == {"a": "1", "b": "2"}
    assert read_document("\ufeffa: 1", "p").value == {"a": "1"}


def test_places_of_values_and_keys():
    document = read_document("a: 1\nlist:\n  - x\n  - {k: v, w: [1, 2]}\nm:\n  n:\n    o: p\n", "p")
    assert document.place(("a",)) == (1, 4)
    assert document.place(("a",), key=True) == (1, 1)
    assert document.place(("list", 1, "k")) == (4, 9)
    assert document.place(("list", 1, "w", 1)) == (4, 19)
    assert document.place(("list", 1)) == (4, 5)
    assert document.place(("m", "n", "o")) == (7, 8)
    assert document.place(("m", "n")) == (6, 3)


def test_a_missing_path_stands_for_its_nearest_ancestor():
    document = read_document("a: 1\nm:\n  n: {o: p}\nl: [x]\n", "p")
    assert document.place(("m", "n", "missing", "more")) == (3, 3)
    assert document.place(("l", 7)) == (4, 1)
    assert document.place(("a", "b")) == (1, 1)
    assert document.place(("none",)) == (1, 1)
    assert document.place(()) == (1, 1)


BOMB = "a: &a [x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(20)
)

FAULTS = {
    "bomb": (BOMB, "anchor", 1, 4),
    "alias": ("a: 1\nb: *x\n", "anchor", 2, 4),
    "merge of an alias": ("a: 1\nb:\n  <<: *x\n", "anchor", 3, 7),
    "tag": ("a: !!python/object/apply:os.system ['true']\n", "tag", 1, 4),
    "own tag": ("a: 1\nb: !rate 5%\n", "tag", 2, 4),
    "duplicate": ("a: 1\nb: 2\na: 3\n", "duplicate", 3, 1),
    "duplicate within": ("m:\n  x: 1\n  x: {y: 1}\n", "duplicate", 3, 3),
    "second document": ("a: 1\n---\nb: 2\n", "several", 2, 1),
    "list at the root": ("- a\n- b\n", "root", 1, 1),
    "text at the root": ("just words\n", "root", 1, 1),
    "nothing": ("", "empty", None, None),
    "comment only": ("# nothing\n", "empty", None, None),
    "utf-16": ("a: 1\n".encode("utf-16"), "encoding", 1, 1),
    "utf-32": ("a: 1\n".encode("utf-32"), "encoding", 1, 1),
    "latin-1": ("a: 1\nb: gr\xfcn\n".encode("latin-1"), "encoding", 2, 6),
    "half a pair": ("a: \ud800\n", "encoding", 1, 4),
    "NUL": ("a: 1\nb: x\0y\n", "encoding", 2, 5),
    "utf-16 without mark": ("a: 1\n".encode("utf-16-le"), "encoding", 1, 2),
    "tab": ("a:\n\tb: 1\n", "tab", 2, 1),
    "tab between": ("a:\tb\n", "tab", 1, 3),
    "control character": ("a: 1\nb: \x07\n", "syntax", 2, 4),
    "reordering mark": ("a: 1\n# \u202e evil\n", "invisible", 2, 3),
    "zero width": ("a: 1\nb\u200b: 2\n", "invisible", 2, 2),
    "escaped NUL": ('a: "x\\0"\n', "invisible", 1, 4),
    "escaped mark": ('a: "x\\u202e"\n', "invisible", 1, 4),
    "list as key": ("? [a]\n: b\n", "key", 1, 3),
    "mapping as key": ("{a: b}: c\n", "key", 1, 1),
    "empty key": ("'': b\n", "key", 1, 1),
    "colon in a value": ("a: b: c\n", "syntax", 1, 5),
    "open quote": ("a: 'x\nb: 1\n", "syntax", 3, 1),
    "open bracket": ("a: [1\nb: 2\n", "syntax", 2, 2),
    "deep blocks": ("".join(" " * i + f"k{i}:\n" for i in range(60)) + " " * 60 + "x: 1", "depth", 51, 51),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_refused_at_their_place(name):
    content, code, line, position = FAULTS[name]
    finding = refused(content)[0]
    assert (finding.code, finding.line, finding.position) == (f"documents.{code}", line, position)
    assert finding.file == "plan.yaml"
    assert finding.message
    assert finding.remedy


def test_all_duplicates_are_found_at_once():
    findings = refused("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n  d: 1\nb: 3\n")
    assert [(finding.code, finding.line) for finding in findings] == [
        ("documents.duplicate", 2), ("documents.duplicate", 5), ("documents.duplicate", 7)
    ]  # fmt: skip


def test_as_deep_as_allowed():
    depth = 0
    value = read_document("a: " + "[" * 49 + "]" * 49, "p").value["a"]
    while value:
        value = value[0]
        depth += 1
    assert depth == 48
    assert refused("a: " + "[" * 50 + "]" * 50)[0].code == "documents.depth"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        # Some versions of the parser stop at a depth of their own before the root is known.
        ("[" * 1_000_000, "root|documents.depth"),
        ("a: " + "[" * 1_000_000, "depth"),
        ("a: " + "{b: " * 1_000_000, "depth"),
        ("a: " + "- " * 1_000_000, "syntax"),
        (BOMB + "z: [" + "x," * 2_000_000 + "]", "anchor"),
        ("a: 1\n" * 2_200_000, "size"),
        (b"a" * 10_000_001, "size"),
        ("ä" * 5_000_001, "size"),
        ("a: 1\n" + "b: !x 1\n" * 1_000_000, "tag"),
    ],
)
def test_refused_at_the_limit(content, code):
    assert refused(content)[0].code in f"documents.{code}".split("|")


def test_too_many_values(monkeypatch):
    monkeypatch.setattr(yaml_reader, "MAX_NODES", 1000)
    assert refused("a: [" + "x," * 1000 + "]")[0].code == "documents.nodes"
    assert len(read_document("a: [" + "x," * 996 + "x]", "p").value["a"]) == 997


def test_files(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")
    assert read_file(tmp_path / "a.yaml").value == {"a": "1"}
    for missing in (tmp_path / "b.yaml", tmp_path, tmp_path / "a.yaml" / "b"):
        with pytest.raises(InputRefused) as caught:
            read_file(missing)
        assert caught.value.findings[0].code == "documents.missing"
    (tmp_path / "big.yaml").write_bytes(b"#" * 10_000_001)
    with pytest.raises(InputRefused) as caught:
        read_file(tmp_path / "big.yaml")
    assert caught.value.findings[0].code == "documents.size"


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in ("open bracket",)])
def test_the_python_parser_agrees(name, monkeypatch):
    content, code, line, _ = FAULTS[name]
    monkeypatch.setattr(yaml_reader, "_LOADER", yaml.Loader)
    finding = refused(content)[0]
    assert (finding.code, finding.line) == (f"documents.{code}", line)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="ab:-?[]{},&*!|>'\"%@`#\n 01~", max_size=80)))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(InputRefused):
        assert_text(read_document(text, "p").value)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(InputRefused):
        assert_text(read_document(content, "p").value)


def assert_text(value):
    if isinstance(value, dict):
        for key, item in value.items():
            assert isinstance(key, str)
            assert_text(item)
    elif isinstance(value, list):
        for item in value:
            assert_text(item)
    else:
        assert isinstance(value, str)


TREES = st.recursive(
    st.text(alphabet="abc01 ", min_size=1, max_size=5),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(alphabet="abc", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(alphabet="abc", min_size=1, max_size=3), TREES, min_size=1, max_size=4), st.booleans())
def test_what_is_written_is_read_and_every_place_is_right(value, flow):
    text = yaml.dump(value, default_style='"', default_flow_style=flow, Dumper=yaml.SafeDumper, width=10_000)
    document = read_document(text, "p")
    assert document.value == value
    lines = text.split("\n")

    def visit(item, path):
        line, position = document.place(path)
        if isinstance(item, dict):
            for key, inner in item.items():
                visit(inner, (*path, key))
        elif isinstance(item, list):
            for index, inner in enumerate(item):
                visit(inner, (*path, index))
        else:
            assert lines[line - 1][position - 1 :].startswith(f'"{item}"')

    visit(value, ())
