"""From the files of a project to a store that answers: read, map, reason, validate, publish.

Every build, and every validation, is one from nothing. Modules, from the bottom:

- ``report``: the result of a build, and the figures it prints;
- ``behind``: the claims behind a derived triple;
- ``clashes``: inconsistencies as findings, with the claims behind them;
- ``house_style``: findings against a project's own ontology;
- ``pipeline``: the steps up to a validated graph in memory;
- ``publishing``: the graph as a store in the build folder;
- ``remote``: the graph on a SPARQL server, imported where it is used, as it imports the client.
"""

from nhskg.building.ontology_lint import check_house_style
from nhskg.building.pipeline import assemble, validate_project
from nhskg.building.publishing import build_project
from nhskg.building.report import Assembled, BuildReport

__all__ = [
    "Assembled",
    "BuildReport",
    "assemble",
    "build_project",
    "check_house_style",
    "validate_project",
]
