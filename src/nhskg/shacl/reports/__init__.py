"""Reports: findings told in every form that people, editors and CI systems read.

Modules, from the bottom:

- ``rules``: what a rule is, and all rules of a project: requirements, reading, OWL, the baseline;
  ``built_in_rules.yaml`` describes those that no shape declares;
- ``report``: findings with what a renderer needs beside them; paths and addresses of files;
- ``text``, ``json_form``, ``sarif``, ``junit``, ``ci``, ``w3c``: one renderer or two each;
- ``forms``: all forms by name;
- ``known``: the baseline, a file of findings that are known and why;
- ``generic`` and ``rdf_lines``: any RDF validated by any shapes, and the lines of its terms;
- ``pages``: the page of each rule.

A renderer is a function from a report to text. The same findings give the same bytes, whatever
order they come in.
"""
