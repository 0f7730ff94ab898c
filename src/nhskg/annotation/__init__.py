"""Annotated documents, in the format of ``docs/annotating.md``: read, checked, anchored, counted.

From the bottom: ``fields`` and ``claims``, what a file may say; ``texts`` and ``anchors``, from
quotes to passages; ``corpus`` and ``reader``, all files of a project as one checked corpus;
``writer``, positions written into the files.
"""
