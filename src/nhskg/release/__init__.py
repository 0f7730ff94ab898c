"""The release of a graph: files for linked-data consumers, their description, and what changed."""
