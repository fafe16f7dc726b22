"""The tree words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.recorded import Recorded

TREE_WORDS: dict[str, type[Recorded] | type[Compressed]] = {"parent": Recorded, "compress": Compressed}
