"""Lint the ontology that a project brings along: findings by the shapes of its house style."""

from __future__ import annotations

from nhskg.graph.mapping import map_ontology
from nhskg.project import Project
from nhskg.rdf.lines import locator, read_rdf
from nhskg.shacl.findings import Finding
from nhskg.shacl.loading import ONTOLOGY_STYLE, load_shapes
from nhskg.shacl.unused_shapes import UNMATCHED
from nhskg.shacl.validation import validate_quads

__all__ = ["check_house_style"]


def check_house_style(project: Project) -> tuple[Finding, ...]:
    """Return what the style shapes have against a project's own ontology.

    An ontology that ships with nhskg was checked before it shipped.

    Raises:
        InputError: a file of the ontology or the shapes cannot be read.
    """
    shapes = project.shapes / ONTOLOGY_STYLE
    if project.ontology != project.root / "ontology" or not shapes.is_file():
        return ()
    locate = locator([read_rdf(path) for path in sorted(project.ontology.glob("*.ttl"))])
    found = validate_quads(map_ontology(project.ontology), load_shapes(shapes), locate=locate)
    return tuple(each for each in found if each.rule != UNMATCHED)
