"""Layout for people: a table that fits a width, or a record for each row."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from itertools import chain, product
from math import ceil
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from nhskg.rdf.escaping import escaped_lines, markdown

if TYPE_CHECKING:
    from rich.table import Table

WIDTH: Final = 100
"""The width, in columns, where none is known; below it each row is a record."""
COMMAND: Final = "command"
"""The column of commands, which are never broken over two lines."""
_LINES: Final = 8  # of most cells at most, or some column is dropped
_WORD: Final = 16  # longer words, as ids of documents, are broken where there is no room
_GAP: Final = 2  # between two columns
_COLUMN: Final = 19  # the narrowest of a grid, with its border


def draw(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None = None,
    layout: str | None = None,
    least: Sequence[str] = (),
    joined: Sequence[tuple[str, str]] = (),
    color: bool = False,
) -> str:
    """Draw rows as a ``table`` or as a ``record`` each; by default as what suits the width.

    A table shares the width out by content. Where it is too narrow, the columns that are ``least``
    important are dropped in their order, and named below; else two that may be ``joined`` stand in
    one; of a table that is asked for, also the others are dropped, from the right, but for the
    first and the last. No line is wider than the width, in columns of a terminal.
    """
    width = width or WIDTH
    columns, *rows = (list(map(_shown, row)) for row in (columns, *rows))
    table = list(zip(columns, *rows, strict=True))
    if layout != "record" and (layout == "table" or width >= WIDTH or _natural(table) <= width):
        pairs = iter(joined)
        while not (shown := _fitted(table, width, least)) and (pair := next(pairs, None)):
            table = _joined(table, *pair)
        if not shown and layout == "table":
            shown = _fitted(table, width, [*least, *(name for name, *_ in table[-2:0:-1])])
        if shown or layout == "table":
            kept = shown or table[:1]
            dropped = [name for name, *_ in table if name not in [each for each, *_ in kept]]
            drawn = _print(_table(kept, width), width, color=color)
            more = "--layout record or --format csv has them"
            told = f"Not shown: {', '.join(map(_words, dropped))}; {more}."
            return drawn + (_print(told, width, color=color) if dropped else "")
    return _records(columns, rows, width, color=color)


def paragraph(text: str, width: int | None, *, indent: int = 2, form: str = "table") -> str:
    """Return a text in lines of a width, if no word is longer; all but the first are indented.

    In the form ``markdown`` it shows as it is.
    """
    lead, show = " " * indent, markdown if form == "markdown" else str
    how: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    lines = wrap(text, width or WIDTH, subsequent_indent=lead, **how)
    return "\n".join(map(show, lines)) + "\n"


def shell_lines(text: str, width: int | None) -> str:
    """Return a command in lines of a width that a shell takes together: with a backslash each."""
    whole = re.sub(r"--\S+ |'[^']*'", lambda each: each[0].replace(" ", "\0"), text)
    how: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    lines = wrap(whole, (width or WIDTH) - 2, subsequent_indent="  ", **how)
    return " \\\n".join(lines).replace("\0", " ")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _joined(table: list[tuple[str, ...]], one: str, two: str) -> list[tuple[str, ...]]:
    """Return a table with two of its columns in the place of the first, if it has both."""
    found = {column[0]: column for column in table}
    if one in found and two in found:
        lines = zip(found[one][1:], found.pop(two)[1:], strict=True)
        found[one] = (f"{one}, {two}", *("\n".join(filter(None, each)) for each in lines))
    return list(found.values())


def _fitted(
    table: Sequence[tuple[str, ...]], width: int, least: Sequence[str]
) -> list[tuple[str, ...]]:
    """Return the columns, each a header and cells, that have room enough; none if few would."""
    needed = {column[0]: _narrowest(column) + _GAP for column in table}
    for name in (None, *least):
        needed.pop(name or "", None)
        if sum(needed.values()) - _GAP <= width:
            return [column for column in table if column[0] in needed]
    return []


def _natural(table: Sequence[tuple[str, ...]]) -> int:
    """Return the width of a table without a line break."""
    from rich.cells import cell_len  # noqa: PLC0415  # only a table pays for its import

    return sum(max(map(cell_len, column)) + _GAP for column in table) - _GAP


def _narrowest(column: tuple[str, ...], *, word: int = _WORD, short: int = 0) -> int:
    """Return the width at which a column can be read: whole words, and few lines a cell.

    Cells no wider than ``short`` have one line.
    """
    from rich.cells import cell_len  # noqa: PLC0415

    header, *cells = column
    if header == COMMAND:  # which is copied whole
        return max(map(cell_len, column))
    parts = chain.from_iterable([c] if cell_len(c) <= short else c.split() for c in cells)
    words = (min(word, cell_len(part)) for part in parts)
    most, longest = _lengths(column)
    return max(cell_len(header), *words, ceil(max(most / _LINES, longest / (2 * _LINES))), 1)


def _lengths(column: tuple[str, ...]) -> tuple[int, int]:
    """Return the width that most cells have at most, and that of the longest."""
    from rich.cells import cell_len  # noqa: PLC0415

    lengths = sorted(map(cell_len, column))
    return max(cell_len(column[0]), lengths[len(lengths) * 9 // 10]), lengths[-1]


def _table(table: Sequence[tuple[str, ...]], width: int) -> Table:
    """Return a table whose widths are those at which the tallest cells are lowest."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    border = _GAP * (len(table) - 1)
    for short, word in product((_WORD, 0), (2 * _WORD, _WORD)):
        widths = [_narrowest(column, word=word, short=short) for column in table]
        if sum(widths) + border <= width:
            break
    for sizes in zip(*map(_lengths, table), strict=True):  # first what most cells want
        while sum(widths) + border < width:
            need = [
                full / now if now < full else 0 for full, now in zip(sizes, widths, strict=True)
            ]
            if not any(need):
                break
            widths[need.index(max(need))] += 1
    is_tall = widths != [longest for _, longest in map(_lengths, table)]
    drawn = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, _GAP - 1, 0, 0),
        leading=int(is_tall),
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        header_style="bold",
    )
    for (header, *_), size in zip(table, widths, strict=True):
        drawn.add_column(_words(header), width=size, overflow="fold")
    for row in zip(*(cells for _, *cells in table), strict=True):
        drawn.add_row(*map(_text, row, widths))
    return drawn


def _records(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, color: bool
) -> str:
    """Return a block of lines for each row, a line for each column with a value."""
    from rich.cells import cell_len  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    console, names = Console(), list(map(_words, columns))
    start = max(map(cell_len, names), default=0) + _GAP
    room = max(width - start, 2)
    dim, plain = ("\x1b[2m", "\x1b[0m") if color else ("", "")

    def wrapped(value: str) -> list[str]:
        if value.isprintable() and cell_len(value) <= room:
            return [value]
        return [each.plain.rstrip() for each in _text(value, room).wrap(console, room)]

    blocks = []
    for row in rows:
        told = [
            ("", [value]) if name == COMMAND else (name, wrapped(value))
            for name, value in zip(names, row, strict=True)
            if value
        ]
        blocks.append(
            "".join(
                (f"{dim}{name:{start}}{plain}{first}\n" if name else f"{first}\n")
                + "".join(f"{'':{start}}{each}".rstrip() + "\n" for each in more)
                for name, (first, *more) in told
            )
        )
    return "\n".join(blocks)


def _shown(cell: str) -> str:
    """Return the lines of a cell, in which nothing steers a terminal."""
    return escaped_lines(cell).replace("\xa0", " ")


def _text(cell: str, width: int = 0) -> Any:
    """Return a cell as it is printed, without markup.

    A word that is longer than a width is broken at its hyphens.
    """
    from rich.text import Text  # noqa: PLC0415

    if width:
        how: dict[str, Any] = {"break_long_words": False}
        cell = re.sub(r"\S+-\S+", lambda word: "\n".join(wrap(word[0], width, **how)), cell)
    return Text(cell)


def _print(shown: Any, width: int, *, color: bool) -> str:
    from rich.console import Console  # noqa: PLC0415

    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as captured:
        console.print(shown)
    return re.sub(r"[ ]+((?:\x1b\[[0-9;]*m)*)$", r"\1", captured.get(), flags=re.MULTILINE)


def draw_pages(
    corner: str,
    names: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    *,
    silent: str = "",
    width: int | None = None,
    color: bool = False,
) -> list[str]:
    """Draw a grid in pages of as many columns as fit the width, each with the names of the rows.

    A column is at least as wide as most words; no line is wider than the width. Rows with only the
    ``silent`` cell on a page are counted below it.
    """
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    width = width or WIDTH
    room = max(1, (width - 1) // _COLUMN - 1)
    pages = ceil(len(columns) / room)
    drawn = []
    for page in range(pages):
        first, end = (number * len(columns) // pages for number in (page, page + 1))
        shown = list(columns.items())[first:end]
        table = Table(box=box.ASCII, show_lines=True, width=width, header_style="bold")
        table.add_column(corner, width=_COLUMN - 3, overflow="fold")
        for name, _ in shown:
            table.add_column(_text(_shown(name)), ratio=1, overflow="fold")
        for name, *cells in zip(names, *(each for _, each in shown), strict=True):
            if not silent or {*cells} != {silent}:
                table.add_row(*(_text(_shown(each)) for each in (name, *cells)))
        left = len(names) - table.row_count
        told = f"{silent[:1].upper()}{silent[1:]}: the other {left}.\n" if left else ""
        drawn.append(_print(table, width, color=color) + told)
    return drawn
