"""The project that is measured: small modules, each with one function whose work is counted in equal units.

How many units a call does stands in `doses`; a revision that is slower by x % does x % more of them, and nothing else.
"""
