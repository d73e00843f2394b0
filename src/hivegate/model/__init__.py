"""The nouns of hivegate: frozen values without behaviour beyond their own invariants.

Inside, times are seconds, memory is bytes, rates are per second and shares are ratios; units exist only where
`targets` reads and `report` writes.
"""
