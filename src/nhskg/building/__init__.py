"""From the files of a project to a store that answers: read, map, reason, validate, publish.

Every build, and every validation, starts from nothing.
"""

from nhskg.building.pipeline import Assembled, assemble, build_project, validate_project

__all__ = ["Assembled", "assemble", "build_project", "validate_project"]
