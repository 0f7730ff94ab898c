"""Reading the shapes of a folder, and refusing what would only fail, or pass, later.

Shapes are parsed with pyoxigraph, which tells the line of a fault. A query that is not SPARQL, and
a reference to a shape that stands nowhere, are refused here: an engine would tell neither where.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import local_name
from nhskg.shacl.requirements import Shapes

__all__ = ["ONTOLOGY_STYLE", "load_shapes"]

ONTOLOGY_STYLE: Final = "ontology-style.ttl"
"""The shapes of the ontology itself: not among those of a corpus, unless named as a file."""


def load_shapes(path: Path) -> Shapes:
    """Read a file of shapes, or all of a folder but those of the ontology's style.

    Raises:
        InputError: there is nothing to read, a file is not Turtle, or a query is not SPARQL.
    """
    if path.is_dir():
        paths = [each for each in sorted(path.glob("*.ttl")) if each.name != ONTOLOGY_STYLE]
        if not paths:
            raise InputError("no shapes here: no *.ttl in the folder", place=Place(path))
    else:
        paths = [path]
    triples: list[Triple] = []
    files: dict[str, Path] = {}
    for each in paths:
        for triple in _read(each):
            triples.append(triple)
            if isinstance(triple.subject, NamedNode):
                files.setdefault(triple.subject.value, each)
    shapes = Shapes(tuple(dict.fromkeys(triples)), files)
    if not shapes.requirements:
        raise InputError("no shape with a target here", place=Place(path))
    _check_references(shapes)
    _check_queries(shapes)
    return shapes


def _read(path: Path) -> Iterable[Triple]:
    try:
        quads = list(parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True))
    except SyntaxError as error:
        place = Place(path, error.lineno, error.offset)
        raise InputError(f"not valid Turtle: {error.msg}", place=place) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"the shapes cannot be read: {reason}", place=Place(path)) from error
    return (Triple(quad.subject, quad.predicate, quad.object) for quad in quads)


def _check_queries(shapes: Shapes) -> None:
    nothing = Store()
    for text, shape in shapes.queries():
        try:
            nothing.query(text)
        except SyntaxError as error:
            reason = str(error.msg or error).partition(" expected one of")[0]
            message = f"the query of {local_name(shape)} is not valid SPARQL: {reason}"
            raise InputError(message, place=shapes.place(shape)) from error


def _check_references(shapes: Shapes) -> None:
    for use in shapes.references():
        if not shapes.defines(use.term):
            message = f"{local_name(use.shape)} refers to {local_name(use.term)}, which no file has"
            raise InputError(f"{message}; correct the name", place=shapes.place(use.shape))
