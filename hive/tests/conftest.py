"""How the properties are tried."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long one example takes, or is made, says how crowded the machine is.
settings.register_profile("crowded", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("crowded")
