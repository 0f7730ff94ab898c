"""From the files of a project to a store that answers: read, map, reason, validate, publish.

Every build, and every validation, starts from nothing.
"""
