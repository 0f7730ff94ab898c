"""The graph as files that others can load."""
