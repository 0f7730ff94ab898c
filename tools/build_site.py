"""Build the documentation as a site that works from a file system, without a network.

``python -m tools.build_site`` writes ``build/site``; its start page is ``index.html``. Sphinx reads
the pages where they are in the repository. Two are only in the site, ``docs/terms.md`` and the list
of the decisions, and the catalogue of the queries has answers there. A warning of Sphinx, a link
within the site that leads nowhere and a page that would load something from elsewhere are errors.
Links to other sites are listed in ``links.txt``, and not followed.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urldefrag

from click.testing import CliRunner
from sphinx.application import Sphinx

from nhskg import __version__
from nhskg.cli import cli
from nhskg.queries.stored import list_queries
from tools.generate_docs import ROOT, rule_pages, write_pages
from tools.ontology_page import render_terms
from tools.pages import render_queries

ROWS: Final = 3
_CONTENTS: Final = Path(__file__).with_name("contents.md").read_text("utf-8")
_CONFIGURATION: Final = {
    "extensions": ["myst_parser"],
    "html_copy_source": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_theme": "furo",
    "html_title": f"nhskg {__version__}",
    "include_patterns": [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs/**.md",
        "src/**/README.md",
    ],
    "exclude_patterns": ["build", ".*", "tests", "dist", "seeds"],
    "myst_heading_anchors": 4,
    "project": "nhskg",
    "root_doc": "README",
    "smartquotes": False,
    "suppress_warnings": ["toc.not_included", "myst.header", "misc.highlighting_failure"],
}


def ask(name: str, project: Path = ROOT) -> str:
    """Return the first rows of a stored query's answer to its defaults, as Markdown."""

    def answer(*options: str) -> list[str]:
        run = ["--project", str(project), "query", "run", name, "--build", *options]
        environment = {"NHSKG_TEXTS": None, "COLUMNS": "92"}
        done = CliRunner().invoke(cli, run, env=environment, catch_exceptions=False)
        return [line.rstrip() for line in done.stdout.splitlines()]

    count = sum(line.startswith("|") for line in answer("--format", "markdown")) - 2
    told = f"{ROWS} of its {count} rows" if count > ROWS else "Its answer"
    limit = f" --row-limit {ROWS}" * (count > ROWS)
    shown = "\n".join(answer("--format", "table", *limit.split())).strip("\n")
    return f"{told}, by `nhskg query run {name}{limit}`:\n\n```text\n{shown}\n```\n"


def build(out: Path) -> int:
    """Write the site into a folder that is made anew; return 1 where Sphinx warns, else 0."""
    docs, decisions = ROOT / "docs", "# Decisions\n\n"
    for path in sorted((docs / "decisions").glob("0*.md")):
        title = path.read_text("utf-8").partition("\n")[0].lstrip("# ")
        decisions += f"- [{title}]({path.name})\n"
    made = {
        docs / "terms.md": render_terms(sorted((ROOT / "ontology").glob("*.ttl"))),
        docs / "decisions" / "README.md": decisions,
    }
    write_pages(rule_pages() | made)

    def complete(_app: Sphinx, name: str, source: list[str]) -> None:
        if name == "README":
            others = (f"docs/{path.stem}" for path in sorted(docs.glob("*.md")))
            rest = "\n".join(each for each in others if f"{each}\n" not in _CONTENTS)
            source[0] += _CONTENTS.replace("OTHERS", rest)
        elif name == "docs/queries":
            source[0] = render_queries(list_queries(ROOT / "queries"), ask)

    shutil.rmtree(out, ignore_errors=True)
    made_from = (ROOT, None, out, out.parent / "doctrees", "html", _CONFIGURATION)
    app = Sphinx(*made_from, status=None, freshenv=True, warningiserror=True)
    app.connect("source-read", complete)
    app.build()
    shutil.copy(out / "README.html", out / "index.html")
    return int(app.statuscode)


def check_links(folder: Path) -> tuple[list[str], Counter[str]]:
    """Return what is wrong with the links of a site, and how often each other site is linked."""
    pages = {path: path.read_text("utf-8") for path in sorted(folder.rglob("*.html"))}
    anchors = {
        path: Counter(re.findall(r'<[^>]* id="([^"]*)"', text)) for path, text in pages.items()
    }
    faults, others = [], Counter[str]()
    for path, text in pages.items():
        found = [f"two anchors {key}" for key, count in anchors[path].items() if count > 1]
        for tag, attribute, link in re.findall(r'<(\w+) (?:[^>]* )?(href|src)="([^"]*)"', text):
            address, fragment = map(unquote, urldefrag(unescape(link)))
            target = (path.parent / address.partition("?")[0]).resolve() if address else path
            if re.match("//|[a-z]+:", link):
                others.update([link] if tag == "a" else [])
                found += [] if tag == "a" else [f"loads {link} from elsewhere"]
            elif not target.is_file():
                found.append(f"no file {link}")
            elif attribute == "href" and fragment and fragment not in anchors.get(target, fragment):
                found.append(f"no anchor {link}")
        faults += [f"{path.relative_to(folder)}: {each}" for each in found]
    return faults, others


def main() -> int:
    """Build the site and check its links; return the exit code."""
    os.chdir(ROOT)
    out = ROOT / "build" / "site"
    code = build(out)
    faults, others = check_links(out)
    for fault in faults[:50]:
        print(fault, file=sys.stderr)
    listed = "".join(f"{number:5} {link}\n" for link, number in sorted(others.items()))
    (out / "links.txt").write_text(listed, "utf-8")
    print(f"{out / 'index.html'} ({len(others)} links to other sites, listed in links.txt)")
    return 1 if faults else code


if __name__ == "__main__":
    sys.exit(main())
