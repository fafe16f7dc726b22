import subprocess
import sys
from pathlib import Path

import pytest

from mlmcalc.cli.main import COMMANDS, main, run_command


def test_help_lists_every_command(capsys):
    assert run_command(["--help"]) == 0
    out = capsys.readouterr().out
    for name in COMMANDS:
        assert name in out


@pytest.mark.parametrize(("word", "meant"), [("rum", "run"), ("chek", "check"), ("explian", "explain")])
def test_a_wrong_command_gets_a_suggestion(capsys, word, meant):
    assert run_command([word]) == 2
    assert f"Did you mean {meant!r}?" in capsys.readouterr().err


def test_a_wrong_option_is_a_usage_error(capsys):
    assert run_command(["run", "--membrs", "x"]) == 2
    assert "--members" in capsys.readouterr().err


def test_version(capsys):
    assert run_command(["--version"]) == 0
    assert capsys.readouterr().out.startswith("mlmcalc ")


def test_main_leaves_with_the_status():
    with pytest.raises(SystemExit) as left:
        main(["rum"])
    assert left.value.code == 2


HEAVY = "import sys; heavy = {'polars', 'numba', 'numpy', 'pydantic', 'rich'} & set(sys.modules); print(heavy); "


@pytest.mark.parametrize(
    "script",
    [
        "import mlmcalc; assert mlmcalc.__version__",
        "import mlmcalc; dir(mlmcalc)",
        "from mlmcalc.cli.main import run_command; run_command(['--help'])",
        "from mlmcalc.cli.main import run_command; run_command(['run', '--help'])",
        "from mlmcalc.cli.main import run_command; run_command(['check', '--help'])",
        "from mlmcalc.cli.main import run_command; run_command(['rum'])",
    ],
)
def test_help_imports_nothing_heavy(script):
    code = f"{script}\n{HEAVY}\nsys.exit(bool(heavy))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr


def test_public_names_are_there():
    import mlmcalc

    for name in mlmcalc.__all__:
        assert getattr(mlmcalc, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(mlmcalc, "nothing")  # noqa: B009
