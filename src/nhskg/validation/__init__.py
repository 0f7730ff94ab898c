"""Checks of the graph and the ontology against their shapes and profile."""
