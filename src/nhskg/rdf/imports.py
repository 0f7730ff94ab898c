"""``owl:imports`` answered by files at hand; nothing is fetched.

See OWL 2 Structural Specification, 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyoxigraph import NamedNode

from nhskg.rdf.errors import Place
from nhskg.rdf.lines import RdfFile
from nhskg.rdf.terms import OWL, RDF_TYPE

_IMPORTS: Final = NamedNode(OWL + "imports")
_ONTOLOGY: Final = (NamedNode(RDF_TYPE), NamedNode(OWL + "Ontology"))
_VERSION: Final = NamedNode(OWL + "versionIRI")


def follow_imports(
    files: Sequence[RdfFile], at_hand: Sequence[tuple[str, RdfFile]]
) -> tuple[list[RdfFile], dict[str, Place | None]]:
    """Return files with those that they import, and where what none answers is imported.

    A file answers the IRI of an ontology in it, that of its version, that of the file, and the
    address that it is at hand for, if that is not empty; a ``#`` at the end makes no difference.
    """
    named = [(name, file) for file in files for name in _names(file)]
    named += [(name, file) for _, file in at_hand for name in _names(file)]
    answers = {name.removesuffix("#"): file for name, file in (*reversed(named), *at_hand)}
    found = list(files)
    lacking: dict[str, Place | None] = {}
    for file in found:  # which grows
        for quad in file.quads:
            if quad.predicate == _IMPORTS and isinstance(quad.object, NamedNode):
                answer = answers.get(quad.object.value.removesuffix("#"))
                if answer is None:
                    lacking.setdefault(quad.object.value, file.place(*quad.triple))
                elif answer not in found:
                    found.append(answer)
    return found, lacking


def _names(file: RdfFile) -> list[str]:
    ontologies = [q.subject for q in file.quads if (q.predicate, q.object) == _ONTOLOGY]
    versions = [q.object for q in file.quads if q.predicate == _VERSION]
    named = (each.value for each in (*ontologies, *versions) if isinstance(each, NamedNode))
    return [*named, file.base]
