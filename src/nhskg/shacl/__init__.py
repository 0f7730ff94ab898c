"""SHACL validation as findings with lines: of a project's graph, and of any RDF by any shapes.

See ``README.md`` beside this file. Modules, from the bottom:

- ``findings``: the one model of a finding, of the rule that it breaks, and of their report;
- ``shapes``, ``unused_shapes``: shapes as numbered requirements; those that check nothing;
- ``engines``: pyshacl-turbo, and pySHACL, its reference; the only module that loads either;
- ``rules``: the catalogue of rules, with their pages;
- ``validation``: of a project's graph; of any RDF;
- ``baseline``: known findings; ``reports``, ``validation_report``: the forms of a report.
"""
