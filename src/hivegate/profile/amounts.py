"""Numbers on the pages, three digits and a fitting unit. Pure."""

_UNITS = {
    "seconds": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "bytes": ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B")),
}


def spell(amount: float, unit: str = "seconds") -> str:
    """Format seconds or bytes."""
    units = _UNITS[unit]
    size, name = next((one for one in units if abs(amount) >= one[0]), units[-1])
    return f"{amount / size:.3g} {name}" if amount else "0"
