"""Write every generated page, schema, example and version, or check that they are current.

The pages of the rules, ``docs/rules``, are only written: they are not checked in. An example in the
README or in docs/proofs.md is the output of a command, after a comment that holds the command. The
seconds that a build took are left out: they differ each time.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nhskg import PRIOR_VERSION, RELEASED, __version__
from nhskg.annotation.json_schema import render_schemas
from nhskg.queries.stored import list_queries
from nhskg.shacl.rules import load_rules, render_page
from nhskg.shacl.shapes import load_shapes
from nhskg.vocabulary import load_vocabulary
from tools.check_fair import check_shipped, render_fair
from tools.json_ld_context import render_context
from tools.pages import list_requirements, put_list, render_queries, render_reference

ROOT: Final = Path(__file__).resolve().parent.parent
WITH_EXAMPLES: Final = (ROOT / "README.md", ROOT / "docs" / "proofs.md")
VALIDATION: Final = ROOT / "docs" / "validation.md"
WITH_VERSION: Final = (
    ROOT / "CITATION.cff",
    ROOT / "docs" / "w3id" / ".htaccess",
    *sorted((ROOT / "ontology").glob("*.ttl")),
)
_STATUS: Final = (
    f'    dcterms:issued "{RELEASED}"^^xsd:date ;\n'
    if RELEASED
    else f'    rdfs:comment "A preview of {__version__}, which is not released."@en ;\n'
)
_VERSIONS: Final = {
    r"(?m)^(version: ).*": __version__ + ("" if RELEASED else " (preview)"),
    r"(?m)^(version: .*\n)(?:date-released: .*\n)?": f"date-released: {RELEASED}\n"
    * bool(RELEASED),
    r"(\[E=LATEST:)[^]]*": __version__,
    r'(dcterms:created "[^"]*"\S+ ;\n)(?:    (?:dcterms:issued|rdfs:comment) .*\n)?': _STATUS,
    r'(owl:versionInfo ")[^"]*': __version__,
    r"(owl:versionIRI <\S+/)[^/>]*": __version__,
    r"(owl:priorVersion <\S+/)[^/>]*": PRIOR_VERSION,
}
"""What stands before a version, or a date, of a citation or the header of an ontology."""
_EXAMPLE: Final = re.compile(
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


def render_version(text: str) -> str:
    """Return a citation or a file of the ontology with the version of the package.

    >>> render_version('owl:versionIRI <https://a.test/ns/0.0> ; owl:versionInfo "0.0" .').count(
    ...     __version__
    ... )
    2
    """
    for before, version in _VERSIONS.items():
        text = re.sub(before, rf"\g<1>{version}", text)
    return text


def pages() -> dict[Path, str]:
    """Return the text of every generated file that is checked in."""
    docs, vocabulary = ROOT / "docs", load_vocabulary(ROOT / "ontology")
    listed = list_requirements(load_shapes(ROOT / "shapes"))
    return {
        docs / "cli.md": render_reference(),
        docs / "fair.md": render_fair(check_shipped()),
        docs / "queries.md": render_queries(list_queries(ROOT / "queries")),
        **{docs / "schema" / name: text for name, text in render_schemas(vocabulary).items()},
        docs / "annotation-context.jsonld": render_context(vocabulary),
        VALIDATION: put_list(VALIDATION.read_text("utf-8"), listed),
        **{page: render_version(page.read_text("utf-8")) for page in WITH_VERSION},
        **{page: render_readme(page.read_text("utf-8"), ROOT) for page in WITH_EXAMPLES},
    }


def rule_pages() -> dict[Path, str]:
    """Return what ``nhskg explain`` prints for each rule, and an index, for ``docs/rules``."""
    folder, rules = ROOT / "docs" / "rules", load_rules(ROOT / "shapes")
    index = "# Rules\n\nWhat `nhskg validate` checks.\n\n| rule | severity | |\n|---|---|---|\n"
    for rule in rules.values():
        title = rule.title.replace("|", "\\|")
        index += f"| [{rule.id}]({rule.id}.md) | {rule.severity.value.lower()} | {title} |\n"
    made = {folder / f"{name}.md": render_page(rule) for name, rule in rules.items()}
    return {folder / "README.md": index, **made}


def main() -> int:
    """Write the pages, or check them; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if stale")
    check = parser.parse_args().check
    return write_pages(pages() if check else pages() | rule_pages(), check=check)


def write_pages(texts: Mapping[Path, str], *, check: bool = False) -> int:
    """Write the pages that are not current, or say which are not; return the exit code."""
    stale = False
    for path, text in texts.items():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale, name = True, path.relative_to(ROOT)
        if check:
            print(f"{name} is out of date; run make docs", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(name)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
