"""Independent implementations that tests compare the package with.

``proof_checker`` accepts or rejects a proof; ``standard_rules`` holds the OWL 2 RL/RDF rules as the
standard states them; ``patterns`` writes graph patterns as SPARQL. They share nothing with the code
under test but the data that it hands over.
"""
