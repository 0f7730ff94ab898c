"""A knowledge graph of who holds which power and budget in the English NHS under each plan."""

__version__ = "0.1.0"
