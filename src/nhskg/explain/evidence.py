"""Evidence of a proof, the claim with its passages, and trees of lines that print it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.explain.wording import Wording
from nhskg.queries.claims import Claim, Passage, claim_iri, read_claim
from nhskg.rdf.errors import InputError
from nhskg.rdf.terms import DCTERMS, ONTOLOGY_GRAPH, REGISTER_GRAPH, SCHEMA, document
from nhskg.reasoning.triple_lookup import Facts

_ORIGINS: Final = {
    "claim": "said in a claim",
    "register": "declared in the register",
    "ontology": "stated in the ontology",
    "document": "stated of the document",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """Asserted triples of one source.

    Attributes:
        source: ``claim``, ``register``, ``ontology`` or ``document`` (the head of an annotated
            document).
        claim: for ``claim``, the claim that says so.
        triples: what it says, as far as the proof rests on it.
    """

    source: str
    claim: Claim | None
    triples: tuple[ox.Triple, ...]

    @property
    def origin(self) -> str:
        """Where the triples come from, in words."""
        return _ORIGINS[self.source]


class Evidence:
    """Finds the claims behind asserted triples.

    Args:
        facts: the built store.
        texts: folder of the source texts, where passages are asked for in full.
    """

    def __init__(self, facts: Facts, texts: Path | None = None) -> None:
        self.facts = facts
        self.texts = texts
        self.claim: Callable[[str], Claim] = cache(self._claim)
        self._text = cache(self._find_text)

    def leaves(self, triples: Iterable[ox.Triple]) -> list[Leaf]:
        """Group asserted triples by the claim, or else the graph, that they belong to."""
        groups: dict[tuple[str, str | None], list[ox.Triple]] = {}
        for triple in triples:
            groups.setdefault(self._source(triple), []).append(triple)
        return [
            Leaf(source, self.claim(iri) if iri else None, tuple(found))
            for (source, iri), found in groups.items()
        ]

    def claims(self, triples: Iterable[ox.Triple]) -> list[Claim]:
        """Return the claims that assert some triples, each once."""
        leaves = self.leaves(dict.fromkeys(triples))
        return list({leaf.claim.iri: leaf.claim for leaf in leaves if leaf.claim}.values())

    def _claim(self, iri: str) -> Claim:
        """Return a claim, with its passages in full where they are asked for."""
        claim = read_claim(self.facts, iri)
        if self.texts is None:
            return claim
        return replace(claim, passages=tuple(map(self._in_full, claim.passages)))

    def _source(self, triple: ox.Triple) -> tuple[str, str | None]:
        """Return what kind of source asserts a triple and, if it is a claim, which."""
        iri = claim_iri(triple.subject)
        if iri:
            return "claim", iri
        graphs = [graph.value for graph in self.facts.graphs(triple)]
        for source, graph in (("register", REGISTER_GRAPH), ("ontology", ONTOLOGY_GRAPH)):
            if graph in graphs:
                return source, None
        for quad in self.facts.store.quads_for_pattern(None, None, triple.subject, None):
            iri = claim_iri(quad.subject)
            if iri and getattr(quad.graph_name, "value", "") in graphs:
                return "claim", iri
        return "document", None

    def _in_full(self, passage: Passage) -> Passage:
        text, problem = self._text(passage.document)
        return replace(passage, text=text and text[passage.start : passage.end], problem=problem)

    def _find_text(self, name: str) -> tuple[str | None, str | None]:
        """Return the text of a document, or why there is none."""
        assert self.texts is not None
        node = ox.NamedNode(document(name))
        file = self.facts.value(node, DCTERMS + "identifier")
        digest = self.facts.value(node, SCHEMA + "sha256")
        if file is None:
            return None, "the document does not say which text it was annotated from"
        path = self.texts / file.value
        if not path.exists():
            return None, f"{file.value} is not in {self.texts}"
        from nhskg.annotation.texts import read_text  # noqa: PLC0415  # it is slow to import

        try:
            source = read_text(path)
        except InputError as error:
            return None, str(error)
        if digest is not None and source.sha256 != digest.value:
            return None, f"{path} is not the text that was annotated: its digest differs"
        return source.text, None


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
