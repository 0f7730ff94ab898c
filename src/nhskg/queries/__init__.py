"""Stored queries, the matrix, and the formats in which answers are told."""
