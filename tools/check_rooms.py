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
    """Return what in a checkout is larger than ``[tool.check_rooms]`` of its pyproject.toml allows.

    A pattern of ``rooms`` that no file matches is a mistake.
    """
    allowed = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["check_rooms"]
    problems = []
    for pattern, most in allowed["rooms"].items():
        counts = _count_lines(root, pattern).values()
        if not counts:
            problems.append(f"{pattern}: no such files")
        elif sum(counts) > most:
            problems.append(f"{pattern}: {sum(counts):,} lines, {most:,} allowed")
    modules = _count_lines(root, "src/**/*.py")
    number, longest = allowed["modules"]["number"], allowed["modules"]["longest"]
    if len(modules) > number:
        problems.append(f"src: {len(modules)} modules, {number} allowed")
    long = {name: lines for name, lines in modules.items() if lines > longest}
    return problems + [f"{name}: {long[name]} lines, {longest} allowed" for name in long]


def _count_lines(root: Path, pattern: str) -> dict[Path, int]:
    files = sorted(root.glob(pattern))
    return {path.relative_to(root): path.read_bytes().count(b"\n") for path in files}


if __name__ == "__main__":
    found = check_rooms(ROOT)
    for line in found:
        print(f"{line} (pyproject.toml, tool.check_rooms)")
    sys.exit(bool(found))
