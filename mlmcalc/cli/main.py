"""The command ``mlmcalc``: its commands by name, each imported only when it is used."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from types import FrameType
from typing import Any

import click

from mlmcalc._version import __version__
from mlmcalc.errors import EnvironmentRefused, MlmcalcError

SECTIONS = {
    "A period's run": {
        "run": ("mlmcalc.cli.run:run", "Calculate the commissions of a period."),
        "check": ("mlmcalc.cli.check:check", "List every finding about plan and data, without running."),
        "preview": ("mlmcalc.cli.preview:preview", "Show what some orders more or fewer would change."),
        "explain": ("mlmcalc.cli.explain:explain", "Say why a member was paid what it was paid."),
        "compare": ("mlmcalc.cli.compare:compare", "Set a run beside what another system paid."),
        "diff": ("mlmcalc.cli.diff:diff", "Say what two runs pay differently, and why."),
    },
    "Events and periods in a store": {
        "import": ("mlmcalc.cli.import_:import_command", "Take what is new in a company's tables into its store."),
        "record": ("mlmcalc.cli.record:record", "Take events with days of their own into the store."),
        "history": ("mlmcalc.cli.history:history", "Show what was told of a member, and when it was known."),
        "period": ("mlmcalc.cli.period:period", "Close a period: calculate, approve, commit, pay."),
        "override": ("mlmcalc.cli.override:override", "Decide ranks, waivers, holds, volumes before a commit."),
        "adjust": ("mlmcalc.cli.adjust:adjust", "Add an amount to a payout, or take it off."),
        "rate": ("mlmcalc.cli.rate:rate", "State the exchange rates of a period."),
        "trueup": ("mlmcalc.cli.trueup:trueup", "Correct a committed period by what is known now."),
    },
    "Proof": {
        "replay": ("mlmcalc.cli.replay:replay", "Calculate stored runs again from their inputs, and compare."),
        "verify": ("mlmcalc.cli.verify:verify", "Verify a run's folder or an archive, with nothing else at hand."),
        "timeline": ("mlmcalc.cli.timeline:timeline", "Show a member period by period, and what follows from what."),
        "audit-pack": ("mlmcalc.cli.audit_pack:audit_pack", "Put together what an auditor needs of a run."),
        "export": ("mlmcalc.cli.export:export", "Write what was committed into a folder that can be verified."),
        "log": ("mlmcalc.cli.log:log", "Show who did what and when."),
    },
    "The store itself": {
        "store": ("mlmcalc.cli.store:store", "Make the store, look at it, upgrade it, check all of it."),
        "backup": ("mlmcalc.cli.backup:backup", "Write the whole store into one file."),
        "restore": ("mlmcalc.cli.backup:restore", "Make the store from a backup."),
    },
    "Plans, trees and trials": {
        "plan": ("mlmcalc.cli.plan:plan", "Show a plan, its doubtful places, what changed between two."),
        "test": ("mlmcalc.cli.test:test", "Run cases: plan, members, volumes, expected."),
        "place": ("mlmcalc.cli.place:place", "Give new members their seats in the placement tree."),
        "generate": ("mlmcalc.cli.generate:generate", "Make a synthetic company for trials."),
        "schema": ("mlmcalc.cli.schema:schema", "Write the JSON Schema of the plan language, for editors."),
        "warmup": ("mlmcalc.cli.warmup:warmup", "Compile everything ahead, for images and build machines."),
    },
}
"""Heading of the help to its commands: where each is, and what it does."""

COMMANDS = {name: found for section in SECTIONS.values() for name, found in section.items()}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; their names and help need no import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a user's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, importing its file."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name][0].partition(":")
        return getattr(importlib.import_module(module), function)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a line, or suggest the nearest.

        Raises
        ------
        click.UsageError
            No such command.
        """
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings, all in columns of one width."""
        width = max(map(len, COMMANDS))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, (_, text) in commands.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mlmcalc", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of a refusal.")
def cli(debug: bool) -> None:
    """Exact, explainable commissions for network marketing.

    Exit status: 0 done, 1 differences found, 2 usage, 3 input refused, 4 conflict, 5 integrity, 6 environment.
    """


def main(args: list[str] | None = None) -> None:
    """Run the command and leave with its exit status."""
    # What a command imports lives as long as it does: to search it for garbage again and again finds none.
    gc.set_threshold(200_000, 20, 100)
    # numpy's algebra, which nothing here uses, would start a thread for each processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _stop)
    status = run_command(sys.argv[1:] if args is None else args, alone=True)
    # The interpreter searches everything once more, several times, before it ends: a tenth of a second.
    gc.freeze()
    sys.exit(status)


def run_command(args: list[str], alone: bool = False) -> int:
    """Run one command line and return its exit status; refusals become lines on standard error.

    Parameters
    ----------
    args : list of str
        Without the name of the program.
    alone : bool
        Whether the process is there for nothing but this command.
    """
    # Whoever repeats a refused line adds this at its end, so it is taken out wherever it stands.
    debug = "--debug" in args
    rest = [word for word in args if word != "--debug"]
    try:
        # A command that found differences returns 1 itself.
        status: Any = cli.main(args=rest, prog_name="mlmcalc", standalone_mode=False, obj="alone" if alone else None)
    except MlmcalcError as refusal:
        if debug:
            raise
        from mlmcalc.cli.findings import print_refusal

        print_refusal(refusal)
        return refusal.status
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        # Whether the database had accepted it already nobody knows here.
        click.echo("stopped; what was done is whole, and the same command again does the rest", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough. Python must not try to flush it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as fault:
        # What a command reads and writes refuses by itself: this is standard output, on a full disk for instance.
        if debug:
            raise
        click.echo(f"environment: {fault.strerror or fault}. Look at where the output goes.", err=True)
        return EnvironmentRefused.status
    return status if isinstance(status, int) else 0


def _stop(number: int, frame: FrameType | None) -> None:
    # Leave through every `with`, so that a staging folder goes with us.
    raise SystemExit(128 + number)
