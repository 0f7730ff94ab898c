"""A second SHACL engine, on pyoxigraph, for the shapes that it treats as pySHACL does.

It reads a store predicate by predicate, finds value nodes and checks core constraints with sets and
dictionaries, and has pyoxigraph evaluate the queries of SPARQL-based constraints. The rest it
leaves to pySHACL: a shape with an unknown feature
(:class:`~nhskg.shacl.fast.terms.Unsupported`, told by ``divide``), or one whose data hold
something that pySHACL treats in its own way (:class:`~nhskg.shacl.fast.terms.Unsure`).

Modules, from the bottom:

- ``terms``: nodes, and the two reasons for leaving something to pySHACL;
- ``lists``: reading the shapes graph strictly;
- ``literals``: values of literals, as far as both engines agree on them;
- ``paths``: property paths: read and followed;
- ``graph``: the data, read by predicate;
- ``queries``: SPARQL-based constraints;
- ``model``, ``compiling``: what shapes are compiled to, and how;
- ``components``: the core constraint components;
- ``dividing``: which shapes this engine takes, and what it leaves to pySHACL;
- ``running``: validation.
"""

from __future__ import annotations

from nhskg.shacl.fast.dividing import Division, divide, resting
from nhskg.shacl.fast.graph import DataGraph, Source
from nhskg.shacl.fast.running import Outcome, run

__all__ = ["DataGraph", "Division", "Outcome", "Source", "divide", "resting", "run"]
