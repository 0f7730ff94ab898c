"""SPARQL 1.1 graph patterns as data: algebra, parser and renderer."""
