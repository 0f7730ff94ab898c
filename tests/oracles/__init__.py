"""Independent implementations that tests compare the package with.

``proof_checker`` shares nothing with the code that finds proofs but the data that it hands over,
and the text of a graph pattern.
"""
