"""How hard we try: a little at each run, twenty times as much in `make test-long`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

QUICK, LONG = 60, 1200  # examples of each


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Callable[[SearchStrategy[Any], Callable[[Any], None]], None]:
    """`tried(strategy, check)`: the check on many examples; a found one is made as small as it can be."""
    most = request.param

    def run(strategy: SearchStrategy[Any], check: Callable[[Any], None]) -> None:
        slow = [HealthCheck.too_slow, HealthCheck.data_too_large]

        @settings(max_examples=most, deadline=None, suppress_health_check=slow, database=None)
        @given(strategy)
        def each(value: Any) -> None:
            check(value)

        each()

    return run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tried" in metafunc.fixturenames:
        both = [pytest.param(QUICK, id="some"), pytest.param(LONG, id="many", marks=pytest.mark.long)]
        metafunc.parametrize("tried", both, indirect=True)
