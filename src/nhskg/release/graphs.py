"""Writes the graph in the RDF formats, with its ontology, alignments and shapes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.graph.mapping import PUBLISHED_ONLY
from nhskg.rdf.files import files_in
from nhskg.rdf.lines import read_rdf
from nhskg.rdf.terms import PREFIXES
from nhskg.release.source import PARTS, Source, canonical, read_lines, sort_lines
from nhskg.shacl.engines import to_graph
from nhskg.shacl.shapes import NSH

_FLAT: Final = {"asserted": PARTS[:1], "derived": PARTS[1:2], "all": PARTS}


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
        triples = ox.parse(path=str(flat), format=ox.RdfFormat.N_TRIPLES)
        write_turtle((each.triple for each in triples), folder / f"{name}.ttl")


def _triples(files: Iterable[Path]) -> Iterator[bytes]:
    """Yield the lines of N-Quads files without their graphs."""
    for line in chain.from_iterable(map(read_lines, files)):
        yield line.rpartition(b" <")[0] + b" .\n"


def write_schemas(source: Source, folder: Path) -> None:
    """Write the ontology, with terms of earlier versions, the alignments, and the shapes.

    They are for people, too, so their lists and blank nodes are nested, which rdflib does.
    """
    ontology = files_in(source.project.ontology, ".ttl")
    apart = {each.name: read_rdf(each).quads for each in ontology if each.name in PUBLISHED_ONLY}
    shapes = (read_rdf(each).quads for each in files_in(source.project.shapes, ".ttl"))
    contents = {
        "alignments": apart.pop("align.ttl", ()),
        "ontology": chain(source.quads("ontology"), *apart.values()),
        "shapes": chain.from_iterable(shapes),
    }
    for name, content in contents.items():
        graph = to_graph(canonical(content))
        for prefix, iri in {**PREFIXES, "nsh": NSH, "vann": "http://purl.org/vocab/vann/"}.items():
            graph.bind(prefix, iri)
        raw = graph.serialize(format="longturtle", encoding="utf-8")
        (folder / f"{name}.ttl").write_bytes(raw)


def write_turtle(content: Iterable[ox.Triple] | Iterable[ox.Quad], path: Path) -> None:
    """Write triples as Turtle, or quads as TriG where the file's name ends so.

    The prefixes are in order of name; the serializer has another order each time.
    """
    form = ox.RdfFormat.TRIG if path.suffix == ".trig" else ox.RdfFormat.TURTLE
    ox.serialize(content, str(path), form, prefixes=PREFIXES)
    with path.open("r+b") as file:
        head = sorted(file.readline() for _ in PREFIXES)
        file.seek(0)
        file.writelines(head)
