"""Which variables a group graph pattern binds."""

from __future__ import annotations

import pyoxigraph as ox

from nhskg.reasoning.model import Bind, Group, Pattern, Union, Values

__all__ = ["certain"]


def certain(group: Group) -> set[ox.Variable]:
    """Return the variables that every match of the group binds."""
    bound: set[ox.Variable] = set()
    for element in group.elements:
        if isinstance(element, Pattern):
            bound |= element.variables()
        elif isinstance(element, Bind):
            bound.add(element.variable)
        elif isinstance(element, Values):
            defined = [i for i in range(len(element.names)) if all(r[i] for r in element.rows)]
            bound |= {element.names[i] for i in defined}
        elif isinstance(element, Union):
            bound |= set.intersection(*(certain(branch) for branch in element.branches))
    return bound
