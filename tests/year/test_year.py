"""The scripted year of `fixtures/year`, its first weeks with a smaller company: played, replayed, verified."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from fixtures.year.play import play
from fixtures.year.world import draw_world, weeks_of
from mlmcalc.cli.main import run_command
from tests.store_fixture import EmptyPlace, backend

__all__ = ["backend"]
_UNTIL = date(2025, 2, 23)


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    status = run_command(list(words))
    said = capsys.readouterr()
    assert status == 0, said.err
    return said.out


def test_a_year_is_played_replayed_and_verified(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "meridian"
    with EmptyPlace(backend, folder / "store") as place:
        if place.url is not None:
            monkeypatch.setenv("MLMCALC_STORE_URL", place.url)
        counts = play(folder, 400, 2025, _UNTIL)
        capsys.readouterr()
        monkeypatch.chdir(folder)
        periods = len(weeks_of(_UNTIL - timedelta(days=1))) + 1
        assert (counts["period calculate"], counts["period pay"], counts["trueup"]) == (periods, periods, 1)
        replayed = json.loads(typed(capsys, "replay", "--all", "--format", "json"))
        assert len(replayed) >= periods
        assert all(one["same"] for one in replayed)
        typed(capsys, "export", "archive")
        typed(capsys, "store", "doctor")
        typed(capsys, "log", "--verify")
    # The store is gone, or out of reach: the folder is all there is.
    verified = json.loads(typed(capsys, "verify", "archive", "--format", "json"))
    assert verified["holds"]


def test_the_world_is_the_same_for_one_seed_and_no_circle_arises():
    one, other = draw_world(500, 7), draw_world(500, 7)
    assert one.orders.equals(other.orders)
    assert one.moves.equals(other.moves)
    assert not one.orders.equals(draw_world(500, 8).orders)
    joined = dict(one.members.select("member_id", "joined").iter_rows())
    for day in (date(2025, 3, 31), date(2025, 12, 31)):
        parents = one.members_on(day, date(2026, 1, 31)).drop_nulls("sponsor_id")
        assert all(
            joined[sponsor] <= joined[member]
            for member, sponsor in parents.select("member_id", "sponsor_id").iter_rows()
        )


def test_an_export_shows_what_was_known_and_nothing_later():
    world = draw_world(2_000, 7)
    first, last = date(2025, 1, 1), date(2025, 1, 31)
    early, late = world.orders_between(first, last, last), world.orders_between(first, last, date(2025, 3, 1))
    assert early.height < late.height
    moved = world.moves.filter(world.moves["known"] > world.moves["from"]).row(0, named=True)
    for known, sponsor in ((moved["from"], False), (moved["known"], True)):
        frame = world.members_on(date(2025, 12, 31), known)
        found = dict(frame.select("member_id", "sponsor_id").iter_rows())[moved["member_id"]]
        assert (found == moved["sponsor_id"]) is sponsor
