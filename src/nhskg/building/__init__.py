"""From the files of a project to a store that answers: read, map, reason, validate, publish.

Every build, and every validation, starts from nothing.
"""

from nhskg.building.pipeline import assemble, build_project, validate_project
from nhskg.building.report import Assembled

__all__ = ["Assembled", "assemble", "build_project", "validate_project"]
