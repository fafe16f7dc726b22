"""Words are known by name before their files are imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlmcalc.bonuses.levels import Levels
from mlmcalc.bonuses.registry import BONUS_WORDS
from mlmcalc.limits.registry import LIMIT_WORDS
from mlmcalc.metrics.registry import METRIC_WORDS
from mlmcalc.trees.registry import TREE_WORDS
from mlmcalc.volumes.registry import VOLUME_WORDS

SCRIPT = """
import sys
from mlmcalc.plan.load import load_plan
load_plan("fixtures/sample/plan.yaml")
print(*(name for name in sys.modules if name.startswith("mlmcalc.")))
"""


def test_a_word_is_its_class():
    assert BONUS_WORDS["levels"] is Levels
    assert "levels" in BONUS_WORDS
    assert "lvels" not in BONUS_WORDS
    with pytest.raises(KeyError):
        BONUS_WORDS["lvels"]


@pytest.mark.parametrize("table", [BONUS_WORDS, METRIC_WORDS, TREE_WORDS, LIMIT_WORDS, VOLUME_WORDS])
def test_every_word_has_its_class(table):
    assert len(table) == len(list(table)) > 2
    for word, model in table.items():
        assert model.__module__.startswith(table._room), word
        assert model.__name__ == table._places[word].partition(":")[2]


def test_a_plan_imports_the_words_it_uses():
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, cwd=root)
    loaded = set(done.stdout.split())
    assert {"mlmcalc.bonuses.levels", "mlmcalc.bonuses.personal"} <= loaded
    assert not {"mlmcalc.bonuses.binary", "mlmcalc.bonuses.pool", "mlmcalc.trees.coded"} & loaded
