"""Reads the SHACL shapes of a folder, and refuses those that would only fail, or pass, later.

A query that is not SPARQL, and a reference to a shape that no file has, are refused here: an engine
would report neither with its line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Store

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.lines import read_rdf
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
    paths = [path]
    if path.is_dir():
        paths = [each for each in sorted(path.glob("*.ttl")) if each.name != ONTOLOGY_STYLE]
        if not paths:
            raise InputError("no shapes here: no *.ttl in the folder", place=Place(path))
    files = [read_rdf(each) for each in paths]
    shapes = Shapes(dict.fromkeys(triple for file in files for triple in file.triples), files)
    if not shapes.requirements:
        raise InputError("no shape with a target here", place=Place(path))
    _check_references(shapes)
    _check_queries(shapes)
    return shapes


def _check_queries(shapes: Shapes) -> None:
    nothing = Store()
    for text, shape in shapes.queries():
        try:
            nothing.query(text)
        except SyntaxError as error:
            reason = str(error.msg or error).partition(" expected one of")[0]
            message = f"the query of {local_name(shape)} is not valid SPARQL: {reason}"
            raise InputError(message, place=shapes.place(NamedNode(shape))) from error


def _check_references(shapes: Shapes) -> None:
    for use in shapes.references():
        if NamedNode(use.term) not in shapes:
            message = f"{local_name(use.shape)} refers to {local_name(use.term)}, which no file has"
            place = shapes.place(NamedNode(use.shape))
            raise InputError(f"{message}; correct the name", place=place)
