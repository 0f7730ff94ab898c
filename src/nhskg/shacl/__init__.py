"""Validation: findings with a place, from faults of reading, shapes and clashes of axioms.

Modules, from the bottom:

- ``findings``: the one model of a finding, and what makes findings of faults and clashes;
- ``locating``: from an IRI of the graph to the line of YAML that it comes from;
- ``requirements``: shapes as requirements: their text, their places, the terms that they use;
- ``loading``: the shapes of a folder, read and checked;
- ``property_paths``: property paths, from RDF to SPARQL syntax and back;
- ``results``: one validation result, of either engine;
- ``engine``: pySHACL over rdflib graphs; the only module that loads either;
- ``fast``: a second engine on pyoxigraph, for the shapes that it treats alike;
- ``shacl``: validation of a store, the public way in.
"""
