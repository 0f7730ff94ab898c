"""Check that the Python code keeps to the line counts allowed in ``pyproject.toml``.

``python -m tools.check_rooms`` prints a line for each number that is exceeded; part of
``make check``. Lines are physical lines, as ``wc -l`` counts them.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]


def check_rooms(root: Path) -> list[str]:
    """Return what in a checkout is larger than ``[tool.nhskg]`` of its pyproject.toml allows.

    ``rooms`` gives the most lines of all files that match a pattern, ``modules`` the number of
    modules of the package and the most lines of one. A pattern without files is a mistake.
    """
    allowed = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["nhskg"]
    problems = []
    for pattern, most in allowed["rooms"].items():
        counts = [_count_lines(path) for path in root.glob(pattern)]
        if not counts:
            problems.append(f"{pattern}: no such files")
        elif sum(counts) > most:
            problems.append(f"{pattern}: {sum(counts):,} lines, {most:,} allowed")
    modules = {path: _count_lines(path) for path in sorted((root / "src").rglob("*.py"))}
    number, longest = allowed["modules"]["number"], allowed["modules"]["longest"]
    if len(modules) > number:
        problems.append(f"src: {len(modules)} modules, {number} allowed")
    for path, lines in modules.items():
        if lines > longest:
            problems.append(f"{path.relative_to(root)}: {lines} lines, {longest} allowed")
    return problems


def _count_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def main() -> int:
    """Print what is too large, and return 1 if anything is."""
    problems = check_rooms(ROOT)
    for line in problems:
        print(f"{line} (pyproject.toml, tool.nhskg)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
