"""A JSON-LD context of the annotation files: their fields as predicates, their words as IRIs.

With it and an ``@id`` an entry of a file is `JSON-LD <https://www.w3.org/TR/json-ld11/>`_. Left out
is what needs more than a context: dates, of which the datatype depends on the length; passages,
timings and quantities, which get IRIs of their own; ``kind``, ``type``, ``account``; ``reporter``;
claims.
There are no prefixes, as a thing of the register may have the id ``nhs``.
"""

from __future__ import annotations

import json

from nhskg.graph.mapping import PREDICATES, field_name
from nhskg.rdf.terms import ID
from nhskg.release.json_ld import define
from nhskg.vocabulary import Vocabulary


def render_context(vocabulary: Vocabulary) -> str:
    """Return the text of ``docs/annotation-context.jsonld``."""
    words = {slug: term.iri for slug, term in vocabulary.items()}
    fields = {
        field_name(name): define(iri, form)
        for name, (iri, form) in sorted(PREDICATES.items())
        if form not in ("date", "licence", "term") and name != "classification"
    }
    shared = sorted(fields.keys() & words.keys())
    fields["polarity"]["@context"] = {word: words.pop(word) for word in shared}
    context = {"@version": 1.1, "@base": ID, **fields, **words}
    return json.dumps({"@context": context}, indent=2, ensure_ascii=False) + "\n"
