"""Annotated documents: read, checked, anchored in their texts, counted.

The format is described in ``docs/annotating.md``. Modules, from the bottom:

- ``fields``, ``claims``: the typed models of what a file may say;
- ``texts``, ``anchors``: sentences, and from a quote to the passage it marks;
- ``corpus``, ``reader``: all files of a project as one checked corpus, and what it accounts for;
- ``writer``: positions written into the files.
"""
