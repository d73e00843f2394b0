"""A cluster of Dask: which workers may measure, and parts of a suite spread over them, one at a time a machine."""

from hivegate.cluster.places import Place, read_place
from hivegate.cluster.spread import PartDocument, spread
from hivegate.cluster.team import Team, gather

__all__ = ["PartDocument", "Place", "Team", "gather", "read_place", "spread"]
