"""From the files of a project to a store that answers: read, map, reason, validate, publish.

Modules, from the bottom:

- ``report``: what a build made, and what it tells of itself;
- ``behind``: the claims behind a derived triple;
- ``clashes``: inconsistencies as findings, with the claims behind them;
- ``assembling``: the steps up to a validated graph in memory;
- ``house_style``: what stands against a project's own ontology;
- ``memory``, ``writing``: what a build keeps for the next, and how stores are written;
- ``updating``: from the last build to the next;
- ``making``: a store from the last one, or from nothing;
- ``publishing``: the graph as a store in the build folder, or on a SPARQL server;
- ``validating``: what stands against a project, found from where the last run has left off.
"""

from nhskg.building.assembling import assemble
from nhskg.building.house_style import check_house_style
from nhskg.building.publishing import build_project, build_remotely
from nhskg.building.report import Assembled, BuildReport
from nhskg.building.validating import Checked, validate_project

__all__ = [
    "Assembled",
    "BuildReport",
    "Checked",
    "assemble",
    "build_project",
    "build_remotely",
    "check_house_style",
    "validate_project",
]
