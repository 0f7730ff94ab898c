"""Annotated documents: read, checked, anchored in their texts, counted.

The format is described in ``docs/annotating.md``. Modules, from the bottom:

- ``yaml_source``: YAML as plain data, each value with its line and column;
- ``fields``, ``claims``, ``register``: the typed model of what a file may say;
- ``references``, ``structure``, ``messages``: the checks and their wording;
- ``corpus``, ``reader``: all files of a project as one checked corpus;
- ``sentences``, ``anchors``, ``writer``: from a quote to the passage it marks;
- ``coverage``: which sentences of a text are accounted for.
"""
