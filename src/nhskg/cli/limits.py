"""Limits of a query that a command evaluates: its time, its rows, and whether it may go out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import TIMEOUT_MAX, Timer
from typing import Any, NamedTuple

import click

from nhskg.rdf.errors import FindingsError


class Limits(NamedTuple):
    """How far a query may go: seconds, rows or triples (0: no limit), and SERVICE."""

    seconds: float
    rows: int
    service: bool

    @contextmanager
    def in_time(self) -> Iterator[None]:
        """End the process, with a message and code 2, where the block takes too long.

        A query that is being evaluated cannot be stopped, but lets other threads run.
        """
        if not self.seconds > 0:
            yield
            return
        watch = Timer(min(self.seconds, TIMEOUT_MAX), self._end)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def check_rows(self, *, is_cut: bool) -> None:
        """Raise FindingsError where an answer, which is printed already, was cut."""
        if is_cut:
            reached = f"the answer is cut after {self.rows:,} rows"
            raise FindingsError(f"{reached}; --row-limit N allows more (0: no limit)")

    def _end(self) -> None:
        reached = f"the query took more than {self.seconds:g} seconds, and was ended"
        click.echo(f"nhskg: {reached}; --time-limit SECONDS allows more (0: no limit)", err=True)
        os._exit(2)


def limit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of limits to a command, which gets them as its parameter ``limits``."""

    @wraps(command)
    def limited(*args: Any, time_limit: float, row_limit: int, service: bool, **named: Any) -> None:
        command(*args, limits=Limits(time_limit, row_limit, service), **named)

    allow = click.option(
        "--allow-service", "service", is_flag=True, help="Let SERVICE ask another server."
    )
    rows = click.option(
        "--row-limit",
        type=click.IntRange(min=0),
        default=100_000,
        show_default=True,
        help="The most rows; an answer with more is cut, and the exit code is 1. 0: no limit.",
    )
    seconds = click.option(
        "--time-limit",
        type=click.FloatRange(min=0),
        default=30,
        show_default=True,
        help="The most seconds that a query may take; then the exit code is 2. 0: no limit.",
    )
    return seconds(rows(allow(limited)))
