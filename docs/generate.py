"""Write every generated page and schema, or check that those checked in are current.

    python docs/generate.py            write them
    python docs/generate.py --check    exit 1 and name those that are out of date
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def pages() -> dict[Path, Callable[[], str]]:
    """Return every generated file with the function that gives its text."""
    from nhskg.annotation.json_schema import render_schemas
    from nhskg.cli.reference import render_reference
    from nhskg.vocabulary import load_vocabulary

    made: dict[Path, Callable[[], str]] = {ROOT / "docs" / "cli.md": render_reference}
    for name, text in render_schemas(load_vocabulary(ROOT / "ontology")).items():
        made[ROOT / "docs" / "schema" / name] = lambda text=text: text
    return made


def main(argv: list[str]) -> int:
    """Write or check; return the exit code."""
    stale = []
    for path, render in pages().items():
        text = render()
        if path.exists() and path.read_text("utf-8") == text:
            continue
        if "--check" in argv:
            stale.append(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(path.relative_to(ROOT))
    for path in stale:
        print(f"{path.relative_to(ROOT)} is out of date; run make docs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
