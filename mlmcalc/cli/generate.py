"""`mlmcalc generate`: a company to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click


@click.command("generate")
@click.option("--members", "size", type=click.IntRange(1, 100_000_000), required=True, help="How many members.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed gives the same bytes."
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="A new folder. Default: company-MEMBERS-SEED."
)
@click.option("--period", default="2026-10", show_default=True, help="The month with the orders.")
@click.option(
    "--shape",
    type=click.Choice(["bush", "deep", "chain", "star"]),
    default="bush",
    show_default=True,
    help="How people sponsor: deep has thousands of levels, a chain one member on each, a star two levels.",
)
@click.option(
    "--ids", type=click.Choice(["integer", "text"]), default="integer", show_default=True, help="Kind of ids."
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Of the tables.",
)
@click.option("--orders-per-member", type=click.IntRange(0, 40), default=3, show_default=True, help="On average.")
def generate(
    size: int,
    seed: int,
    out: Path | None,
    period: str,
    shape: Literal["bush", "deep", "chain", "star"],
    ids: Literal["integer", "text"],
    file_format: Literal["parquet", "csv"],
    orders_per_member: int,
) -> None:
    """Write a realistic company that does not exist: members, orders, overrides, a plan and a workspace.

    Sponsoring is heavy-tailed, members leave, customers buy, orders come back. The folder is all that
    `mlmcalc run --period` needs.
    """
    from mlmcalc.synthetic.company import generate_company

    company = generate_company(size, seed, period=period, shape=shape, ids=ids, orders_per_member=orders_per_member)
    folder = company.write(out or Path(f"company-{size}-{seed}"), file_format)
    click.echo(
        f"{folder}: {company.members.height:,} members, {company.orders.height:,} orders, shape {shape}, seed {seed}."
    )
    click.echo(f"Next: cd {folder} && mlmcalc run --period {company.period.label}")
