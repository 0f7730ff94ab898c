"""Write every generated page, schema and example, or check that those checked in are current.

    python docs/generate.py            write them
    python docs/generate.py --check    exit 1 and name those that are out of date

An example in the README or in docs/proofs.md is what a command prints, after a comment that holds
the command. The seconds that a build took are left out: they differ each time.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
WITH_EXAMPLES = (README, ROOT / "docs" / "proofs.md")
ARCHITECTURE = ROOT / "docs" / "architecture.md"
_MODULES = re.compile(
    r"(?s)(?<=<!-- modules: make docs renews them -->\n).*(?=<!-- end of modules -->)"
)
_EXAMPLE = re.compile(
    r"(?P<head><!-- run: (?P<command>nhskg [^\n]*) -->\n)"
    r"(?P<old>```text\n.*?```\n|(?:\|[^\n]*\n)*)",
    re.DOTALL,
)


def render_readme(text: str, project: Path) -> str:
    """Return a page with the output of its example commands, run on a project."""

    def renewed(found: re.Match[str]) -> str:
        arguments = found["command"].split()[1:]
        done = subprocess.run(
            [sys.executable, "-m", "nhskg", "--project", str(project), *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={k: v for k, v in os.environ.items() if k not in ("NHSKG_TEXTS", "COLUMNS")},
        )
        shown = "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"
        if arguments[0] == "build":
            shown = re.sub(r"(?m)^seconds .*\n", "", shown)  # which no two builds share
        if "markdown" in arguments:
            return found["head"] + shown
        return f"{found['head']}```text\n{shown}```\n"

    return _EXAMPLE.sub(renewed, text)


def render_modules(text: str, package: Path) -> str:
    """Return a page with one sentence for each module: the first of its docstring."""
    rows = ["", "| module | what it does |", "|---|---|"]
    rows += [f"| `{name}` | {_sentence(path)} |" for name, path in _modules(package)]
    return _MODULES.sub(lambda _: "\n".join([*rows, "", ""]), text)


def _modules(package: Path) -> list[tuple[str, Path]]:
    """Return all modules by name: the layers of imports from the bottom, a package before its own.

    The layers are those that ``make check`` holds the imports against.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    order = [name.removeprefix("nhskg.") for row in reversed(layers) for name in row.split(" | ")]
    named = []
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name and name != "__main__":
            named.append((order.index(name.split(".")[0]), name, path))
    return [(name, path) for _, name, path in sorted(named)]


def _sentence(path: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    first = " ".join(told.split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")
    return re.sub(r":\w+:(`[^`]+`)", r"\1", first)


def pages() -> dict[Path, Callable[[], str]]:
    """Return every generated file with the function that gives its text."""
    from nhskg.annotation.json_schema import render_schemas
    from nhskg.cli.reference import render_reference
    from nhskg.reports.pages import render_pages
    from nhskg.reports.rules import load_rules
    from nhskg.vocabulary import load_vocabulary

    made: dict[Path, Callable[[], str]] = {ROOT / "docs" / "cli.md": render_reference}
    schemas = render_schemas(load_vocabulary(ROOT / "ontology"))
    for name in schemas:
        made[ROOT / "docs" / "schema" / name] = lambda name=name: schemas[name]
    rules = render_pages(load_rules(ROOT / "shapes"))
    for name in rules:
        made[ROOT / "docs" / "rules" / name] = lambda name=name: rules[name]
    package = ROOT / "src" / "nhskg"
    made[ARCHITECTURE] = lambda: render_modules(ARCHITECTURE.read_text("utf-8"), package)
    for page in WITH_EXAMPLES:
        made[page] = lambda page=page: render_readme(page.read_text("utf-8"), ROOT)
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
