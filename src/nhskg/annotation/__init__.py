"""Annotated documents: read, checked, anchored in their texts, counted.

The format is described in ``docs/annotating.md``. Modules, from the bottom:

- ``fields``, ``claims``, ``register``: the typed models of what a file may say;
- ``messages``, ``references``: what is wrong with a field, and with a name in it;
- ``corpus``, ``reader``: all files of a project as one checked corpus;
- ``sentences``, ``anchors``, ``writer``: from a quote to the passage it marks;
- ``coverage``: which sentences of a text are accounted for.
"""
