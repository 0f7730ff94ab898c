"""A second SHACL engine, on pyoxigraph, for the shapes that it provably treats as pySHACL does.

It reads a store predicate by predicate, finds value nodes and checks core constraints with sets and
dictionaries, and has pyoxigraph answer the queries of SPARQL constraints, each once for all focus
nodes. What it can't be sure to treat alike, it leaves to pySHACL: a shape with an unknown feature
(:class:`~nhskg.validation.fast.terms.Unsupported`, told by ``divide``), or one whose data hold
something that pySHACL treats in its own way (:class:`~nhskg.validation.fast.terms.Unsure`).

Modules, from the bottom:

- ``terms``: nodes, and the two reasons for leaving something to pySHACL;
- ``lists``: reading the shapes graph strictly;
- ``literals``: values of literals, as far as both engines agree on them;
- ``paths``: property paths: read, written, followed;
- ``graph``: the data, read by predicate;
- ``query_model``, ``query_reading``: the part of SPARQL that constraints are written in;
- ``query_kinds``: what expressions give, and on which data both engines agree about it;
- ``query_safety``: whether, and how, one query can answer for all focus nodes at once;
- ``model``, ``compiling``: what shapes are compiled to, and how;
- ``components``: the core constraint components;
- ``query_running``: SPARQL constraints;
- ``dividing``: which shapes this engine takes, and what it leaves to pySHACL;
- ``running``: validation.
"""

from __future__ import annotations

from nhskg.validation.fast.dividing import Division, divide, resting
from nhskg.validation.fast.graph import DataGraph, Source
from nhskg.validation.fast.running import Outcome, run

__all__ = ["DataGraph", "Division", "Outcome", "Source", "divide", "resting", "run"]
