"""Blank nodes: their labels in files, and IRIs in their place.

The latter is skolemization (RDF 1.1 Concepts, section 3.5).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator, Sequence
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote, unquote

import pyoxigraph as ox

from nhskg.rdf.errors import Place
from nhskg.rdf.lines import RdfFile
from nhskg.reasoning.literal_values import canonical

_Any = TypeVar("_Any")

BLANK: Final = "urn:nhskg-blank:"
"""Prefix of the IRIs that stand for blank nodes and triple terms."""
_TRIPLE: Final = "triple:"
"""What follows it in those that stand for triple terms; no label of a blank node has a colon."""


def skolemize(triple: ox.Triple, *, keep: Container[object] = (), prefix: str = BLANK) -> ox.Triple:
    """Return a triple with an IRI for its triple term, and each blank node that is not kept."""
    nodes = (
        ox.NamedNode(f"{prefix}{_TRIPLE}{quote(str(node), safe='')}")
        if isinstance(node, ox.Triple)
        else ox.NamedNode(prefix + node.value)
        if isinstance(node, ox.BlankNode) and node not in keep
        else node
        for node in triple
    )
    return ox.Triple(*nodes)


def deskolemize(triple: ox.Triple, *, prefix: str = BLANK) -> ox.Triple:
    """Return a triple with what its IRIs stand for; a triple term can only be its object."""
    subject: Any = deskolemize_term(triple.subject, prefix)
    subject = triple.subject if isinstance(subject, ox.Triple) else subject
    return ox.Triple(subject, triple.predicate, deskolemize_term(triple.object, prefix))


def deskolemize_term(term: _Any, prefix: str) -> _Any | ox.BlankNode:
    """Return the blank node or triple term that an IRI stands for; any other term as it is."""
    if not isinstance(term, ox.NamedNode) or not term.value.startswith(prefix):
        return term
    name = term.value.removeprefix(prefix)
    if not name.startswith(_TRIPLE):
        return ox.BlankNode(name)
    text = f"<urn:s> <urn:p> <<( {unquote(name.removeprefix(_TRIPLE))} )>> ."
    return cast("_Any", next(ox.parse(text, format=ox.RdfFormat.N_TRIPLES)).object)


# -- the labels of files

_MADE: Final = "[a-f][0-9a-f]{19,31}"
"""The form of the labels that the parser gives to nodes which have none."""
_Names = dict[ox.BlankNode, ox.BlankNode]


class LabelledFiles:
    """RDF files together, parsed without renaming, in which blank nodes keep their labels.

    A label that an earlier file has too gets a number. A node without one is named b0, b1, … in the
    order of the files.
    """

    def __init__(self, files: Sequence[RdfFile]) -> None:
        self.files: Final = files
        self.prefixes: Final[dict[str, str]] = {}
        self._names: Final[list[_Names]] = [{} for _ in files]
        used: set[str] = set()
        made: list[tuple[_Names, ox.BlankNode]] = []
        for file, names in zip(files, self._names, strict=True):
            self.prefixes.update({**file.prefixes, **self.prefixes})
            told = set(re.findall(rf"\b{_MADE}\b", file.text))
            for node in dict.fromkeys(each for quad in file.quads for each in _blank_nodes(quad)):
                if re.fullmatch(_MADE, node.value) and node.value not in told:
                    made.append((names, node))
                    continue
                more = (f"{node.value}{n}" for n in itertools.count(2))
                names[node] = _taken(itertools.chain((node.value,), more), used)
        tries = (f"b{n}" for n in itertools.count())
        for names, node in made:
            names[node] = _taken(tries, used)
        self.quads: Final = list(
            dict.fromkeys(
                ox.Quad(*(_renamed(node, names) for node in quad))
                for file, names in zip(files, self._names, strict=True)
                for quad in file.quads
            )
        )
        """The quads of all files, in order, each once."""

    def place(self, triple: ox.Triple) -> Place | None:
        """Return where a triple is written, a literal in whatever form."""
        for file, names in zip(self.files, self._names, strict=True):
            back = {name: node for node, name in names.items()}
            subject, predicate, value = (_renamed(node, back) for node in triple)
            rank, _ = file.find(subject, predicate, value)
            if rank == 1 and isinstance(value, ox.Literal):
                pair = subject, predicate
                of_it = (q.object for q in file.quads if (q.subject, q.predicate) == pair)
                same = (v for v in of_it if canonical(v) == canonical(value))
                value = next(same, value)
                rank, _ = file.find(subject, predicate, value)
            if rank == 0:
                return file.place(subject, predicate, value)
        return None


def _taken(names: Iterator[str], used: set[str]) -> ox.BlankNode:
    """Return a node with the first name that is free, which it is no more."""
    name = next(each for each in names if each not in used)
    used.add(name)
    return ox.BlankNode(name)


def _blank_nodes(term: Any) -> Iterator[ox.BlankNode]:
    if isinstance(term, ox.BlankNode):
        yield term
    for part in term if isinstance(term, ox.Quad | ox.Triple) else ():
        yield from _blank_nodes(part)


def _renamed(term: Any, names: _Names) -> Any:
    if isinstance(term, ox.Triple):
        return ox.Triple(*(_renamed(part, names) for part in term))
    return names.get(term, term)
