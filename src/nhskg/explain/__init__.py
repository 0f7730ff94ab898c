"""Explanations: why a body holds a power or a triple holds, and why a body holds nothing."""
