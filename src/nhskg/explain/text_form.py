"""Trees of lines for a terminal, and as nested Markdown lists."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from nhskg.explain.tree import Branch

__all__ = ["WIDTH", "render_markdown", "render_text"]


WIDTH: Final = 100
"""Columns of a line, where there is no terminal to ask."""
_LEAST_ROOM: Final = 30
"""Columns that are left for words, however deep they stand."""


def render_text(branches: Iterable[Branch], *, width: int = WIDTH) -> str:
    """Render trees with ├── and └──, lines broken to a width, a blank line between trees."""
    return "\n".join("\n".join(_lines(each, "", "", width)) + "\n" for each in branches)


def _lines(branch: Branch, first: str, rest: str, width: int) -> Iterator[str]:
    inner = rest + ("│   " if branch.below else "    ")
    yield from _wrapped(branch.text, first, inner, width)
    for note in branch.notes:
        yield from _wrapped(note, inner, inner + "  ", width)
    for passage in branch.passages:
        yield from _wrapped(passage, inner + "> ", inner + "> ", width)
    for number, below in enumerate(branch.below, start=1):
        last = number == len(branch.below)
        start, onward = ("└── ", "    ") if last else ("├── ", "│   ")
        yield from _lines(below, rest + start, rest + onward, width)


def _wrapped(text: str, first: str, rest: str, width: int) -> list[str]:
    room = max(width, len(rest) + _LEAST_ROOM)
    return textwrap.wrap(
        text,
        room,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def render_markdown(branches: Iterable[Branch]) -> str:
    """Render trees as nested lists, passages as block quotes."""
    return "\n".join("\n".join(_items(each, 0)) + "\n" for each in branches)


def _items(branch: Branch, depth: int) -> Iterator[str]:
    pad = "  " * depth
    text = _escaped(branch.text)
    yield f"{pad}- **{text}**" if branch.kind == "conclusion" else f"{pad}- {text}"
    for note in branch.notes:
        yield f"{pad}  <br>{_escaped(note)}"
    for passage in branch.passages:
        yield f"{pad}  > {_escaped(passage)}"
        yield ""
    for below in branch.below:
        yield from _items(below, depth + 1)


def _escaped(text: str) -> str:
    for mark in "\\*_<`":
        text = text.replace(mark, f"\\{mark}")
    return text
