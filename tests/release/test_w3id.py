"""The redirects of docs/w3id/.htaccess, by Apache: what each address leads to, for which client."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import urllib3
import yaml
from tests.remote.servers import _UNTIL_IT_LISTENS

from nhskg import __version__

ROOT: Final = Path(__file__).parents[2]
RULES: Final = ROOT / "docs" / "w3id" / ".htaccess"
CASES: Final = yaml.safe_load((Path(__file__).parent / "w3id.yaml").read_text("utf-8"))
PLACES: Final = dict(re.findall(r"E=(SITE|FILES|LATEST):([^]]+)\]", RULES.read_text("utf-8")))
APACHE: Final = """
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/errors
DocumentRoot {folder}/www
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule rewrite_module {modules}/mod_rewrite.so
<Directory {folder}/www>
  AllowOverride All
  Options FollowSymLinks
</Directory>
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Apache with the folder of the redirects, as w3id.org has it."""
    program = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        assert "CI" not in os.environ, "apache2 is missing; .ci/run is to install apache2-bin"
        pytest.skip("Apache is not here: Debian's apache2-bin")
    folder = tmp_path_factory.mktemp("w3id")
    (folder / "www").mkdir()
    (folder / "www" / "nhskg").symlink_to(RULES.parent)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    where = {"port": port, "folder": folder, "modules": "/usr/lib/apache2/modules"}
    (folder / "httpd.conf").write_text(APACHE.format(**where), "utf-8")
    with subprocess.Popen([program, "-X", "-f", folder / "httpd.conf"]) as process:
        try:
            address = f"http://127.0.0.1:{port}/nhskg/"
            urllib3.request("GET", address, retries=_UNTIL_IT_LISTENS, redirect=False)
            yield address
        finally:
            process.terminate()


@pytest.mark.services
@pytest.mark.parametrize(
    ("path", "accept", "status", "location"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES]
)
def test_an_address_leads_to_what_the_client_prefers(
    server: str, path: str, accept: str | None, status: int, location: str | None
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    told = urllib3.request("GET", server + path, headers=headers, redirect=False)
    assert told.status == status, (RULES.parent, told.data)
    if location is not None:
        place, _, rest = location.replace("LATEST", PLACES["LATEST"]).partition(":")
        assert told.headers["Location"] == f"{PLACES[place.upper()]}/{rest}"
    assert told.headers["Vary"].lower() == "accept"
    assert told.headers["Access-Control-Allow-Origin"] == "*"


def test_the_redirects_lead_to_files_and_pages_that_there_are(dumped: Path) -> None:
    made = {"index.html", "docs/terms.html"}  # of the site alone
    for *_, location in CASES:
        place, _, rest = (location or "").partition(":")
        name = rest.partition("#")[0]
        if place == "site" and name not in made:
            assert (ROOT / name).with_suffix(".md").is_file(), name
        elif place == "files" and not name.endswith(".gz"):
            assert (dumped / name.partition("/")[2]).is_file(), name
    assert PLACES["LATEST"] == __version__
