"""Proofs as trees of lines and as JSON, by the terms and the places of the files they are about."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from textwrap import TextWrapper
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.errors import Place
from nhskg.rdf.escaping import json_text
from nhskg.reasoning.blank_nodes import deskolemize
from nhskg.reasoning.inference import StatementWriter
from nhskg.reasoning.proofs import Proof, Step

WIDTH: Final = 100
"""Columns of a line, where there is no terminal to ask."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A line, further lines, passages in full, and what is below; a main one is bold."""

    text: str
    notes: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    below: tuple[Branch, ...] = ()
    main: bool = False


def render_text(branches: Iterable[Branch], *, width: int = WIDTH) -> str:
    """Render trees with ├── and └──, lines broken to a width, a blank line between trees."""
    return "\n".join("\n".join(_lines(each, "", "", width)) + "\n" for each in branches)


def render_wide(branches: Iterable[Branch]) -> str:
    """Render trees over the columns of the terminal, or of COLUMNS, within reason."""
    columns = shutil.get_terminal_size((WIDTH, 24)).columns
    return render_text(branches, width=min(max(columns, 40), 120))


def _lines(branch: Branch, first: str, rest: str, width: int) -> Iterator[str]:
    inner = rest + ("│   " if branch.below else "    ")
    texts = [(branch.text, first, inner)]
    texts += [(note, inner, inner + "  ") for note in branch.notes]
    texts += [(passage, inner + "> ", inner + "> ") for passage in branch.passages]
    for text, start, onward in texts:
        room = max(width, len(onward) + 30)  # some for words at any depth
        wrapper = TextWrapper(room, start, onward, break_long_words=False, break_on_hyphens=False)
        yield from wrapper.wrap(text)
    for below in branch.below:
        start, onward = ("└── ", "    ") if below is branch.below[-1] else ("├── ", "│   ")
        yield from _lines(below, rest + start, rest + onward, width)


# -- proofs about files


@dataclass(frozen=True)
class ProofWriter:
    """Writes proofs of a :class:`nhskg.reasoning.closure.Closure`, with the places of the given."""

    writer: StatementWriter
    place: Callable[[ox.Triple], Place | None]

    def tree(self, proof: Proof) -> Branch:
        """Return a proof as a tree, the goal at its root; a step shown once is referred to."""
        return self._branch(proof, proof.goal, {})

    def _branch(self, proof: Proof, triple: ox.Triple, shown: dict[Step, int]) -> Branch:
        words, step = self.writer.statement(triple), proof.step_for(triple)
        if step is None:
            return Branch(f"{words} [{self._place(triple)}]")
        if step in shown:
            return Branch(words, (f"as shown above ({shown[step]})",))
        shown[step] = len(shown) + 1
        source = f" [{step.source}]" if step.source else ""
        by = step.rule if step.source else f"OWL 2 RL {step.rule}"
        axioms: dict[str, str] = {}  # two triples of one expression are written as that
        for axiom in step.axioms:
            axioms.setdefault(f"axiom: {self.writer.axiom(axiom)}", f" [{self._place(axiom)}]")
        absent = [Branch(f"not: {each.pattern}") for each in step.absent]
        below = [self._branch(proof, premise, shown) for premise in step.premises]
        notes = (f"({shown[step]}) by {by}{source}", *map("".join, axioms.items()))
        return Branch(words, notes, below=(*below, *absent))

    def _place(self, triple: ox.Triple) -> str:
        return f"at {place}" if (place := self.place(deskolemize(triple))) else "given"

    def json(self, proof: Proof) -> str:
        """Return a proof as an object: its ``goal`` and its ``steps``, by numbers from 1.

        A premise is concluded ``by`` the step of a number, or is ``at`` a place in a file.
        """

        def told(triple: ox.Triple, *, leaf: bool = False) -> dict[str, Any]:
            words: dict[str, Any] = {"words": self.writer.statement(triple)}
            words["triple"] = list(map(str, deskolemize(triple)))
            place = self.place(deskolemize(triple)) if leaf else None
            where = place and {"file": str(place.path), "line": place.line, "column": place.column}
            return words | ({"at": where} if leaf else {})

        def premise(triple: ox.Triple) -> dict[str, Any]:
            step = proof.step_for(triple)
            by = {"by": proof.steps.index(step) + 1} if step else {}
            return told(triple, leaf=step is None) | by

        steps = [
            {
                "step": number,
                "rule": step.rule,
                **({"source": step.source} if step.source else {}),
                "conclusions": list(map(told, step.conclusions)),
                "premises": list(map(premise, step.premises)),
                "axioms": [told(axiom, leaf=True) for axiom in step.axioms],
                "absent": [each.pattern for each in step.absent],
            }
            for number, step in enumerate(proof.steps, start=1)
        ]
        made = {"goal": told(proof.goal, leaf=not steps), "steps": steps}
        return json_text(made)
