"""Proofs: why a triple holds, down to the passages that say so, and why a body holds nothing.

:mod:`finder` finds proofs by asking which rule instances support a triple. The tests check them
with an independent implementation, which shares nothing with it but the data of :mod:`model`.
"""
