"""Writes the graph in the RDF formats, with its ontology, alignments and shapes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from nhskg.graph.mapping import PUBLISHED_ONLY
from nhskg.rdf.files import files_in
from nhskg.rdf.lines import read_rdf
from nhskg.rdf.terms import PREFIXES
from nhskg.release.source import Part, Source, sort_lines

_FLAT: Final[Mapping[str, tuple[Part, ...]]] = {
    "asserted": ("asserted",),
    "derived": ("derived",),
    "all": ("asserted", "derived", "labels", "ontology"),
}


def write_graphs(source: Source, folder: Path) -> None:
    """Write all graphs as TriG and N-Quads, and parts of them in one graph each, flat.

    The flat files hold what is asserted, what is derived, and all, with ontology and labels; what
    several graphs state is in them once.
    """
    with (folder / "nhskg.nq").open("wb") as out:
        for path in source.files():
            with path.open("rb") as file:
                shutil.copyfileobj(file, out)
    write_turtle(source.quads(), folder / "nhskg.trig")
    for name, parts in _FLAT.items():
        flat = folder / f"{name}.nt"
        with flat.open("wb") as out:
            out.writelines(sort_lines(_triples(source.files(*parts)), source.folder))
        write_turtle(parse(path=str(flat), format=RdfFormat.N_TRIPLES), folder / f"{name}.ttl")


def write_schemas(source: Source, folder: Path) -> None:
    """Write the ontology, with terms of earlier versions, the alignments, and the shapes."""
    ontology = files_in(source.project.ontology, ".ttl")
    named = {each.name: _read(each) for each in ontology if each.name in PUBLISHED_ONLY}
    contents = {
        "alignments": named.pop("align.ttl", ()),
        "ontology": chain(source.quads("ontology"), *named.values()),
        "shapes": chain.from_iterable(map(_read, files_in(source.project.shapes, ".ttl"))),
    }
    for name, content in contents.items():
        found = Dataset(Quad(*quad.triple) for quad in content)
        found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        write_turtle(sorted((quad.triple for quad in found), key=str), folder / f"{name}.ttl")


def _read(path: Path) -> Sequence[Quad]:
    return read_rdf(path).quads


def write_turtle(
    content: Iterable[Triple] | Iterable[Quad],
    path: Path,
    prefixes: Mapping[str, str] = PREFIXES,
) -> None:
    """Write triples as Turtle, or quads as TriG where the file's name ends so.

    The prefixes are in order of name; the serializer has another order each time.
    """
    form = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
    serialize(content, str(path), form, prefixes=dict(prefixes))
    with path.open("r+b") as file:
        head = sorted(file.readline() for _ in prefixes)
        file.seek(0)
        file.writelines(head)


def _triples(files: Iterable[Path]) -> Iterator[bytes]:
    """Yield the lines of N-Quads files without their graphs."""
    for path in files:
        with path.open("rb") as file:
            for line in file:
                yield line.rpartition(b" <")[0] + b" .\n"
