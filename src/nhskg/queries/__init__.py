"""Stored queries, the matrix, and the formats of answers."""
