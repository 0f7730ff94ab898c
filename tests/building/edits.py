"""Edits of a copy of our own corpus."""

from __future__ import annotations

from nhskg.project import Project

__all__ = ["change_one"]


def change_one(project: Project, old: str, new: str) -> None:
    """Change a text that stands in one of the documents."""
    path = project.documents / "gazette-boards.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
