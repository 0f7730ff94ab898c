"""A knowledge graph of who holds which power and budget in the English NHS under each plan."""

__version__ = "0.2.0"
"""The version of package, ontologies, data set and citation, where ``make docs`` writes it."""
PRIOR_VERSION = "0.1.0"
"""The version released before."""
RELEASED = "2026-11-30"
"""The day of the release, in ISO 8601."""
