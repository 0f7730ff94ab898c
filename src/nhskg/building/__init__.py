"""From the files of a project to a store that answers: read, map, reason, validate, publish.

Every build, and every validation, starts from nothing.
"""

from nhskg.building.ontology_lint import check_house_style
from nhskg.building.pipeline import assemble, build_project, validate_project
from nhskg.building.report import Assembled, BuildReport

__all__ = [
    "Assembled",
    "BuildReport",
    "assemble",
    "build_project",
    "check_house_style",
    "validate_project",
]
