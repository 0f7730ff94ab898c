"""Writes the graph as Turtle (flat), TriG and N-Quads (a graph a document)."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import RdfFormat, serialize

from nhskg.rdf.terms import PREFIXES
from nhskg.release.source import Source


def write_graphs(source: Source, folder: Path) -> None:
    """Write what is asserted and what is derived, each in three formats.

    ``*.ttl`` holds all of a part in one graph; ``*.trig`` and ``*.nq`` keep a graph a document, one
    for the register, one for what is derived.
    """
    for part, derived in (("asserted", False), ("derived", True)):
        quads = list(source.quads(derived=derived))
        flat = sorted({quad.triple for quad in quads}, key=str)
        for form in (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_QUADS):
            content = flat if form == RdfFormat.TURTLE else quads
            prefixes = None if form == RdfFormat.N_QUADS else PREFIXES
            serialize(
                content, str(folder / f"{part}.{form.file_extension}"), form, prefixes=prefixes
            )
