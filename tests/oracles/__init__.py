"""Independent implementations that tests compare the package with.

``proof_checker`` accepts or rejects a proof; ``standard_rules`` holds the OWL 2 RL/RDF rules as the
standard states them. They share nothing with the code that finds proofs but the data that it hands
over, and the text of a graph pattern.
"""
