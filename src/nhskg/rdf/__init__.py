"""What all parts share: terms, readers of RDF files, SPARQL, property paths and errors."""
