"""The graph as files: Turtle, TriG and N-Quads, asserted and derived apart.

The same store gives the same bytes: statements are sorted, prefixes are fixed,
and no blank node is published.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, serialize

from nhskg.rdf.errors import InputError, Place, StoreError
from nhskg.rdf.files import write_atomically
from nhskg.rdf.terms import DERIVED_GRAPH, ONTOLOGY_GRAPH, PREFIXES

__all__ = ["dump"]

_PARTS: Final = ("asserted", "derived")


def dump(store: Store, folder: Path) -> list[Path]:
    """Write the asserted and the derived graph into a folder, each in three formats.

    ``*.ttl`` holds all of a part in one graph; ``*.trig`` and ``*.nq`` keep a graph a
    document, one for the register, one for what is derived. The ontology is left out: it
    stands in files of its own already.

    Returns:
        The files written, in order.

    Raises:
        InputError: the folder cannot be written.
        StoreError: the graph holds a blank node, which must not be published.
    """
    parts: dict[str, list[Quad]] = {part: [] for part in _PARTS}
    for quad in store:
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and graph.value == ONTOLOGY_GRAPH:
            continue
        derived = isinstance(graph, NamedNode) and graph.value == DERIVED_GRAPH
        parts["derived" if derived else "asserted"].append(quad)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, quads in parts.items():
            written += _write_part(folder, part, quads)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", place=Place(folder)) from error
    return written


def _write_part(folder: Path, part: str, quads: Iterable[Quad]) -> list[Path]:
    ordered = sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad.triple)))
    for quad in ordered:
        if not (isinstance(quad.subject, NamedNode) and not _is_blank(quad)):
            raise StoreError(f"a blank node would be published: {quad.triple}")
    flat = sorted({quad.triple for quad in ordered}, key=str)
    turtle = serialize(flat, format=RdfFormat.TURTLE, prefixes=PREFIXES)
    trig = serialize(ordered, format=RdfFormat.TRIG, prefixes=PREFIXES)
    nquads = serialize(ordered, format=RdfFormat.N_QUADS)
    files = []
    for ending, raw in (("ttl", turtle), ("trig", trig), ("nq", nquads)):
        assert raw is not None
        files.append(folder / f"{part}.{ending}")
        write_atomically(files[-1], raw)
    return files


def _is_blank(quad: Quad) -> bool:
    return not isinstance(quad.object, NamedNode) and str(quad.object).startswith("_:")
