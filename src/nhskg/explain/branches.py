"""Trees of lines, drawn for a terminal or as nested Markdown lists."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nhskg.explain.evidence import Leaf
from nhskg.explain.wording import Wording
from nhskg.queries.claims import Claim

WIDTH: Final = 100
"""Columns of a line, where there is no terminal to ask."""
_LEAST_ROOM: Final = 30
"""Columns that are left for words at any depth."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Some lines and what is below them.

    Attributes:
        text: the first line.
        notes: further lines of the same.
        passages: passages in full, each a paragraph or more.
        below: the branches below.
        main: whether it is a conclusion, which Markdown makes bold.
    """

    text: str
    notes: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    below: tuple[Branch, ...] = ()
    main: bool = False


def leaf_branch(leaf: Leaf, lead: str, wording: Wording, shown: set[str]) -> Branch:
    """Return what a claim says; who says it and where, if that has not been shown yet."""
    assert leaf.claim is not None
    text = f"{lead} {leaf.claim.name} says: {wording.said(leaf.claim.iri, leaf.triples)}"
    if leaf.claim.iri in shown:
        return Branch(text)
    shown.add(leaf.claim.iri)
    return claim_branch(leaf.claim, text)


def claim_branch(claim: Claim, text: str) -> Branch:
    """Return a claim with who says it, how, and where."""
    said = [claim.speaker, claim.voice]
    said += [f"modality {claim.modality}"] if claim.modality else []
    said += [f"hedged “{claim.hedge}”"] if claim.hedge else []
    notes = ["; ".join(said)]
    for each in claim.passages:
        notes.append(f"{each.reference} “{each.quote}”")
        notes += [f"(no passage in full: {each.problem})"] if each.problem else []
    passages = (" ".join(each.text.split()) for each in claim.passages if each.text)
    return Branch(text, tuple(notes), tuple(passages))


def render_text(branches: Iterable[Branch], *, width: int = WIDTH) -> str:
    """Render trees with ├── and └──, lines broken to a width, a blank line between trees."""
    return "\n".join("\n".join(_lines(each, "", "", width)) + "\n" for each in branches)


def _lines(branch: Branch, first: str, rest: str, width: int) -> Iterator[str]:
    def wrapped(text: str, first: str, rest: str) -> list[str]:
        return textwrap.wrap(
            text,
            max(width, len(rest) + _LEAST_ROOM),
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    inner = rest + ("│   " if branch.below else "    ")
    yield from wrapped(branch.text, first, inner)
    for note in branch.notes:
        yield from wrapped(note, inner, inner + "  ")
    for passage in branch.passages:
        yield from wrapped(passage, inner + "> ", inner + "> ")
    for below in branch.below:
        start, onward = ("└── ", "    ") if below is branch.below[-1] else ("├── ", "│   ")
        yield from _lines(below, rest + start, rest + onward, width)


def render_markdown(branches: Iterable[Branch]) -> str:
    """Render trees as nested lists, passages as block quotes."""
    return "\n".join("\n".join(_items(each, "")) + "\n" for each in branches)


def _items(branch: Branch, pad: str) -> Iterator[str]:
    text = _escaped(branch.text)
    yield f"{pad}- **{text}**" if branch.main else f"{pad}- {text}"
    for note in branch.notes:
        yield f"{pad}  <br>{_escaped(note)}"
    for passage in branch.passages:
        yield f"{pad}  > {_escaped(passage)}"
        yield ""
    for below in branch.below:
        yield from _items(below, pad + "  ")


def _escaped(text: str) -> str:
    for mark in "\\*_<`":
        text = text.replace(mark, f"\\{mark}")
    return text
