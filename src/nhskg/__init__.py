"""A knowledge graph of who holds which power and budget in the English NHS under each plan."""

__version__ = "0.2.0"
"""The version of package, ontologies, data set and citation, where ``make docs`` writes it."""
PRIOR_VERSION = "0.1.0"
"""The version released before."""
RELEASED = ""
"""The day of the release, in ISO 8601; empty before, when whatever is made is a preview."""
