"""Exports the graph as Turtle, TriG and N-Quads, asserted and derived triples apart.

The same store gives the same bytes: statements are sorted, prefixes are fixed,
and no blank node is published.
"""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, serialize

from nhskg.rdf.errors import StoreError
from nhskg.rdf.files import write_atomically
from nhskg.rdf.terms import DERIVED_GRAPH, ONTOLOGY_GRAPH, PREFIXES


def dump(store: Store, folder: Path) -> list[Path]:
    """Write the asserted and the derived graph into a folder, each in three formats.

    ``*.ttl`` holds all of a part in one graph; ``*.trig`` and ``*.nq`` keep a graph a
    document, one for the register, one for what is derived. The ontology is left out: it
    has files of its own already.

    Returns:
        The files written, in order.

    Raises:
        InputError: the folder cannot be written.
        StoreError: the graph holds a blank node, which must not be published.
    """
    parts: dict[str, list[Quad]] = {"asserted": [], "derived": []}
    for quad in store:
        if quad.graph_name == NamedNode(ONTOLOGY_GRAPH):
            continue
        if BlankNode in (type(quad.subject), type(quad.object)):
            raise StoreError(f"a blank node would be published: {quad.triple}")
        derived = quad.graph_name == NamedNode(DERIVED_GRAPH)
        parts["derived" if derived else "asserted"].append(quad)
    written = []
    for part, quads in parts.items():
        ordered = sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad.triple)))
        flat = sorted({quad.triple for quad in quads}, key=str)
        forms = {
            "ttl": serialize(flat, format=RdfFormat.TURTLE, prefixes=PREFIXES),
            "trig": serialize(ordered, format=RdfFormat.TRIG, prefixes=PREFIXES),
            "nq": serialize(ordered, format=RdfFormat.N_QUADS),
        }
        for ending, raw in forms.items():
            assert raw is not None
            write_atomically(folder / f"{part}.{ending}", raw)
            written.append(folder / f"{part}.{ending}")
    return written
