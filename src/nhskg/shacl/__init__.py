"""SHACL validation as findings with lines: of a project's graph, and of any RDF by any shapes.

See ``README.md`` beside this file.
"""
