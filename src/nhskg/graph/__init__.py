"""Claims as RDF: the mapping to quads, and the store that keeps them."""
