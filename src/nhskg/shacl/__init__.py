"""SHACL validation as findings with lines: of a project's graph, and of any RDF by any shapes.

See ``README.md`` beside this file. Modules, from the bottom:

- ``findings``: the one model of a finding and of the rule that it breaks;
- ``shapes``: shapes as numbered requirements, read from files;
- ``engines``: pyshacl-turbo, and pySHACL, its reference; the only module that loads either;
- ``unused_shapes``: shapes that check nothing;
- ``validation``, ``rdf_validation``: of a project's graph; of any RDF;
- ``baseline``: known findings; ``reports``: the forms that findings are written in.
"""
