"""A process that types commands, and the month that they make."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.faults.month import Month
from tests.faults.typist import Typist


@pytest.fixture(scope="session")
def typist() -> Iterator[Typist]:
    if sys.platform != "linux":
        pytest.skip("processes are forked")
    typing = Typist()
    yield typing
    typing.close()


@pytest.fixture(scope="session")
def month(typist: Typist, tmp_path_factory: pytest.TempPathFactory) -> Month:
    return Month(tmp_path_factory.mktemp("month"), typist)
