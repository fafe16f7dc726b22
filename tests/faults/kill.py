"""Kills every command of a month at each of its writes and statements: `python -m tests.faults.kill`.

Before each command the workspace and the database are kept. From there the command is typed again and again, killed one
operation later each time, and then once more without a kill: what the store says must be what it says where nothing was
killed, every chain, object and run whole. Prints how many points, and what was lost or double.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.company import STEPS, Step, make
from tests.faults.databases import Databases
from tests.faults.forked import KILLED, command, forked, import_everything
from tests.faults.whole import double, lost, seen

URL = "MLMCALC_STORE_URL"


@dataclass(slots=True)
class Tally:
    """What came of all the kills.

    Attributes
    ----------
    points : int
        Kills that happened.
    lost, double, broken : list of str
        One entry for each row or fault, with the point.
    """

    points: int = 0
    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return it as one line, and what went wrong below."""
        said = f"{self.points} points: {len(self.lost)} lost, {len(self.double)} double, {len(self.broken)} broken"
        return "\n".join([said, *self.lost[:10], *self.double[:10], *self.broken[:10]])


class Killing:
    """The month, step by step.

    Parameters
    ----------
    place : Path
        An empty folder.
    databases : Databases
    every : int
        Only each so many-th point is tried.
    chosen : sequence of int
        Numbers of the steps that are killed, the others are only done; all of them by default.
    """

    def __init__(self, place: Path, databases: Databases, every: int, chosen: Sequence[int] = ()) -> None:
        self.place, self.databases, self.every, self.chosen = place, databases, every, chosen
        self.tally = Tally()
        self._tried = 0

    def play(self, steps: tuple[Step, ...]) -> Tally:
        """Return what came of killing each step everywhere."""
        base = self.place / "base"
        make(base)
        for number, step in enumerate(steps):
            self.databases.use("base")
            forked(lambda step=step: step.prepare(base), base)
            after = self._copied("after")
            ended, names = command(after, step.words)
            if ended:
                raise SystemExit(f"{' '.join(step.words)}: exit status {ended} where nothing was killed")
            wanted = self._seen(after)
            for point in range(1, len(names) + 1 if number in self.chosen or not self.chosen else 1):
                self._tried += 1
                if self._tried % self.every == 0:
                    self._kill(number, step, point, names[point - 1], wanted)
            self._moved(after, base)
        return self.tally

    def _kill(self, number: int, step: Step, point: int, name: str, wanted: dict[str, list[Any]]) -> None:
        tried = self._copied("tried")
        where = f"step {number} {' '.join(step.words[:3])}, point {point} ({name})"
        ended, _ = command(tried, step.words, point, torn=point % 2 == 0)
        if ended != KILLED:
            self.tally.broken.append(f"{where}: was not killed, exit status {ended}")
            return
        self.tally.points += 1
        again, _ = command(tried, step.words)
        if again:
            self.tally.broken.append(f"{where}: cannot be repeated, exit status {again}")
            return
        found = self._seen(tried, where)
        self.tally.lost += [f"{where}: {row}" for row in lost(found, wanted)]
        self.tally.double += [f"{where}: {row}" for row in double(found, wanted)]

    def _seen(self, folder: Path, where: str = "nothing killed") -> dict[str, list[Any]]:
        url = os.environ.get(URL)
        ended, found = forked(lambda: seen(folder / "store", url), folder)
        if ended:
            self.tally.broken.append(f"{where}: the store cannot be read")
            return {}
        self.tally.broken += [f"{where}: {fault}" for fault in found[1]]
        return found[0]

    def _copied(self, name: str) -> Path:
        target = self.place / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.place / "base", target)
        self.databases.copy("base", name)
        return target

    def _moved(self, after: Path, base: Path) -> None:
        shutil.rmtree(base)
        after.rename(base)
        self.databases.copy("after", "base")


def main() -> None:
    """Kill as the command line says; exit status 1 where anything was lost, double or broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="try only each so many-th point")
    parser.add_argument("--step", type=int, action="append", default=[], help="kill only in this step; repeatable")
    parser.add_argument("--postgresql", metavar="URL", help="of a server on which databases may be made")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    import_everything()
    with tempfile.TemporaryDirectory(prefix="mlmcalc-kill-") as place, Databases(chosen.postgresql) as databases:
        tally = Killing(Path(place), databases, chosen.every, chosen.step).play(STEPS)
    print(json.dumps({"points": tally.points, "lost": tally.lost, "double": tally.double, "broken": tally.broken})
          if chosen.json else tally.text())  # fmt: skip
    sys.exit(bool(tally.lost or tally.double or tally.broken))


if __name__ == "__main__":
    main()
