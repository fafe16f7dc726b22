"""The tree words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from mlmcalc.trees.coded import Coded
from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.monoline import Monoline
from mlmcalc.trees.pass_up import PassUp
from mlmcalc.trees.recorded import Recorded

TREE_WORDS: dict[str, type[Recorded] | type[Compressed] | type[PassUp] | type[Monoline] | type[Coded]] = {
    "parent": Recorded,
    "compress": Compressed,
    "pass_up": PassUp,
    "monoline": Monoline,
    "coded": Coded,
}
