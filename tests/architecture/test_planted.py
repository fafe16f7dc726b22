"""Each rule finds what is planted in an otherwise clean house: a rule that cannot fail is no rule."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.architecture.house import House, read_house
from tests.architecture.rules_of_the_house import RULES

CLEAN = {
    "mlmcalc/__init__.py": '"""A house."""\n\nfrom mlmcalc._version import __version__\n',
    "mlmcalc/_version.py": '__version__ = "1"\n',
    "mlmcalc/errors.py": 'class Refused(Exception):\n    """It is."""\n',
    "mlmcalc/money.py": 'def half(amount: int) -> int:\n    """Return it."""\n    return amount // 2\n',
    "mlmcalc/kernels/__init__.py": "",
    "mlmcalc/kernels/compiled.py": (
        "import numba\n\nfrom mlmcalc.kernels.cache import PLACE as PLACE\n\n\n"
        'def kernel(signature):\n    """Return a decorator."""\n    return numba.njit(signature)\n'
    ),
    "mlmcalc/kernels/cache.py": "from pathlib import Path\n\nPLACE = Path() / 'cache'\n",
    "mlmcalc/kernels/sums.py": (
        "import numpy as np\n\nfrom mlmcalc.kernels.compiled import kernel\n\n\n"
        '@kernel("void(int64[::1])")\ndef _add(sums):\n    sums[0] += 1\n'
    ),
    "mlmcalc/genealogy/__init__.py": "",
    "mlmcalc/genealogy/tree.py": "import numpy as np\n\nfrom mlmcalc.kernels import sums\n",
    "mlmcalc/rules/__init__.py": "",
    "mlmcalc/rules/words.py": (
        "from pydantic import BaseModel, field_validator\n\n\n"
        'class Word(BaseModel):\n    """A word."""\n\n    @field_validator("x")\n'
        "    def checked(cls, value):\n        return value\n\n    def __repr__(self):\n        return ''\n"
    ),
    "mlmcalc/volumes/__init__.py": "",
    "mlmcalc/volumes/orders.py": "from mlmcalc.genealogy.tree import np\n",
    "mlmcalc/metrics/__init__.py": "",
    "mlmcalc/metrics/legs.py": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from mlmcalc.volumes.orders import np\n"
    ),
    "mlmcalc/bonuses/__init__.py": "",
    "mlmcalc/bonuses/registry.py": (
        "from mlmcalc.rules.words import WordTable\n\n"
        'BONUS_WORDS: WordTable = WordTable("mlmcalc.bonuses", {"flat": "flat:Flat", "steps": "steps:Steps"})\n'
    ),
    "mlmcalc/bonuses/flat.py": (
        "from mlmcalc.bonuses.flat_walk import walk\nfrom mlmcalc.rules.words import Word\n\n\n"
        'class Flat(Word):\n    """A bonus."""\n'
    ),
    "mlmcalc/bonuses/flat_walk.py": 'def walk() -> None:\n    """Walk."""\n',
    "mlmcalc/bonuses/steps.py": 'class Steps:\n    """A bonus."""\n',
    "tests/bonuses/test_flat.py": "",
    "tests/bonuses/test_steps.py": "",
    "mlmcalc/tables/__init__.py": "",
    "mlmcalc/tables/read.py": "import polars as pl\n\nSHARE = 0.5\n",
    "mlmcalc/api/__init__.py": "",
    "mlmcalc/api/library.py": "from mlmcalc.tables import read\n",
    "mlmcalc/cli/__init__.py": "",
    "mlmcalc/cli/main.py": (
        "import click\n\n\ndef main() -> None:\n"
        '    """Run, and see mlmcalc.api.library."""\n'
        "    from mlmcalc.api import library\n\n"
        "    try:\n        library.read()\n    except (OSError, ValueError):\n        raise\n"
    ),
}


class Planted(NamedTuple):
    """What is planted where, and how it is found."""

    rule: str
    path: str
    text: str | None
    message: str
    place: str = ""


def _function(lines: int, docstring_lines: int = 1) -> str:
    doc = '    """' + "Say.\n" + "    more\n" * (docstring_lines - 1) + '    """\n'
    return "def grow() -> None:\n" + doc + "    pass\n" * (lines - 1)


PLANTED = [
    Planted("upward_import", "mlmcalc/money.py", "from mlmcalc.fields import x\nimport mlmcalc.rules.words\n", "rules"),
    Planted("upward_import", "mlmcalc/genealogy/up.py", "import mlmcalc.rules.words\n", "may not import mlmcalc.rules"),
    Planted("upward_import", "mlmcalc/rules/up.py", "from mlmcalc.volumes import orders\n", "mlmcalc.volumes.orders"),
    Planted(
        "upward_import", "mlmcalc/metrics/up.py", "from mlmcalc.bonuses.flat import Flat\n", "mlmcalc.bonuses.flat"
    ),
    Planted("upward_import", "mlmcalc/api/up.py", "from ..cli.main import main\n", "mlmcalc.cli.main"),
    Planted("upward_import", "mlmcalc/api/up.py", "from mlmcalc.cli import main\n", "mlmcalc.cli.main"),
    Planted(
        "upward_import", "mlmcalc/tables/up.py", "def f(x: int) -> int:\n    '''D.'''\n    import mlmcalc.api\n", "api"
    ),
    Planted(
        "upward_import",
        "mlmcalc/tables/up.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mlmcalc.api.library import read\n",
        "mlmcalc.api.library",
        "mlmcalc/tables/up.py:3",
    ),
    Planted("upward_import", "mlmcalc/tables/up.py", "NAME = 'mlmcalc.cli.main:main'\n", "mlmcalc.cli.main"),
    Planted("upward_import", "mlmcalc/errors.py", "from mlmcalc import money\n", "mlmcalc.money"),
    Planted("upward_import", "mlmcalc/tables/up.py", "from mlmcalc import __version__\n", "may not import mlmcalc"),
    Planted("upward_import", "mlmcalc/helpers/__init__.py", "", "helpers is no room"),
    Planted("upward_import", "mlmcalc/utils.py", "", "utils is no room"),
    Planted("third_party", "mlmcalc/genealogy/polar.py", "import polars as pl\n", "polars"),
    Planted("third_party", "mlmcalc/errors.py", "def f() -> None:\n    '''D.'''\n    from rich import box\n", "rich"),
    Planted("third_party", "mlmcalc/cli/draw.py", "import rich.table\nimport requests\n", "requests"),
    Planted("third_party", "mlmcalc/rules/fast.py", "from numba import njit\n", "numba"),
    Planted("frozen_import", "mlmcalc/api/old.py", "import mlmcalc.released.arithmetic_1.mlmcalc\n", "arithmetic_1"),
    Planted("circle", "mlmcalc/volumes/orders.py", "from mlmcalc.volumes import shop\n", "mlmcalc.volumes.shop"),
    Planted("kernel_import", "mlmcalc/kernels/legs.py", "from mlmcalc.kernels.sums import _add\n", "kernels.sums"),
    Planted("kernel_import", "mlmcalc/kernels/legs.py", "from mlmcalc import money\n", "mlmcalc.money"),
    Planted("kernel_import", "mlmcalc/kernels/legs.py", "from mlmcalc.kernels.cache import PLACE\n", "kernels.cache"),
    Planted("kernel_import", "mlmcalc/kernels/native.py", "from mlmcalc.kernels.sums import _add\n", "kernels.sums"),
    Planted("kernel_shape", "mlmcalc/kernels/legs.py", "import numba\n@numba.njit\ndef f(x):\n    pass\n", "signature"),
    Planted("kernel_shape", "mlmcalc/kernels/legs.py", "@kernel()\ndef _f(x):\n    pass\n", "signature"),
    Planted(
        "kernel_shape", "mlmcalc/kernels/legs.py", "@kernel('v')\ndef _f(a, b, c, d, e, f, g, h, i): ...\n", "many"
    ),
    Planted("long_file", "mlmcalc/tables/long.py", "x = 1\n" * 401, "401 lines"),
    Planted("long_function", "mlmcalc/tables/long.py", _function(61), "grow has 61 lines"),
    Planted(
        "long_function", "mlmcalc/tables/long.py", "class _C:\n    def _m(self):\n" + "        pass\n" * 61, "_m has 62"
    ),
    Planted("no_docstring", "mlmcalc/tables/bare.py", "def read() -> None:\n    pass\n", "read has"),
    Planted("no_docstring", "mlmcalc/tables/bare.py", "class Bare:\n    x = 1\n", "Bare has"),
    Planted("no_docstring", "mlmcalc/tables/bare.py", "class A:\n    '''A.'''\n    def b(self): ...\n", "b has"),
    Planted("no_docstring", "mlmcalc/tables/bare.py", "async def wait() -> None: ...\n", "wait has"),
    Planted("broad_except", "mlmcalc/tables/broad.py", "try:\n    x = 1\nexcept Exception:\n    pass\n", "every"),
    Planted("broad_except", "mlmcalc/tables/broad.py", "try:\n    x = 1\nexcept:\n    pass\n", "every"),
    Planted(
        "broad_except", "mlmcalc/cli/b.py", "try:\n    x = 1\nexcept (OSError, BaseException):\n    pass\n", "every"
    ),
    Planted(
        "broad_except", "mlmcalc/cli/b.py", "import contextlib\nwith contextlib.suppress(Exception): ...\n", "every"
    ),
    Planted("float", "mlmcalc/metrics/f.py", "HALF = 0.5\n", "0.5"),
    Planted("float", "mlmcalc/bonuses/flat_walk.py", "x = float('1')\n", "float"),
    Planted("float", "mlmcalc/rules/f.py", "def _f(x):\n    return x.astype(float)\n", "float"),
    Planted("float", "mlmcalc/kernels/sums.py", "import numpy as np\nx = np.zeros(3, dtype=np.float64)\n", "float64"),
    Planted("float", "mlmcalc/volumes/f.py", "def _f(x):\n    return x.astype('float64')\n", "float64"),
    Planted("float", "mlmcalc/ledger/f.py", "def _f(x):\n    return x / 2\n", "division"),
    Planted("float", "mlmcalc/ranks/f.py", "def _f(x):\n    x /= 2\n", "division"),
    Planted("float", "mlmcalc/ranks/f.py", "def _f(x):\n    return x.mean()\n", "mean"),
    Planted("bonus_file", "mlmcalc/bonuses/matching.py", "", "not registered"),
    Planted("bonus_file", "tests/bonuses/test_flat.py", None, "tests/bonuses/test_flat.py"),
    Planted("bonus_file", "mlmcalc/bonuses/steps.py", "from mlmcalc.bonuses.flat import Flat\n", "may not import"),
    Planted("bonus_file", "mlmcalc/bonuses/flat_walk.py", "from mlmcalc.bonuses import steps\n", "may not import"),
    Planted("bonus_file", "mlmcalc/bonuses/registry.py", None, "not registered"),
]


def _build(root: Path, files: dict[str, str]) -> House:
    for place, text in files.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_house(root)


@pytest.mark.parametrize("rule", RULES)
def test_a_clean_house_passes(rule: str, tmp_path: Path):
    assert RULES[rule](_build(tmp_path, CLEAN)) == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.rule}-{planted.message}")
def test_what_is_planted_is_found(planted: Planted, tmp_path: Path):
    files = dict(CLEAN)
    if planted.text is None:
        del files[planted.path]
    else:
        files[planted.path] = planted.text
    if planted.rule == "circle":
        files["mlmcalc/volumes/shop.py"] = "def _later():\n    from mlmcalc.volumes import orders\n"
    broken = RULES[planted.rule](_build(tmp_path, files))
    found = [violation for violation in broken if planted.message in violation.message]
    assert found, broken
    where = planted.place or ("mlmcalc/" if planted.text is None else f"{planted.path}:")
    assert any(violation.place.startswith(where) for violation in found)
    assert all(violation.rule == planted.rule for violation in broken)


def test_a_function_may_have_sixty_lines_and_any_docstring(tmp_path: Path):
    house = _build(tmp_path, CLEAN | {"mlmcalc/tables/long.py": _function(60, docstring_lines=50)})
    assert RULES["long_function"](house) == []


def test_every_rule_has_something_planted():
    assert {planted.rule for planted in PLANTED} == set(RULES)
