"""Results as Bencher Metric Format, the JSON that ``bencher run --adapter json`` reads.

Schema: https://bencher.dev/docs/reference/bencher-metric-format
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from hivegate.report.benchmark_values import numbers

if TYPE_CHECKING:
    from hivegate.report.bundle import Bundle

_LONGEST_MEASURE = 64  # characters; a benchmark's name may have 1024
_KNOWN = {"mean": "latency"}  # measures of every Bencher project: latency in ns, and throughput in operations a second


def render_bencher(bundle: Bundle) -> str:
    """Spell what was measured by benchmark and measure; times are nanoseconds."""
    document: dict[str, dict[str, dict[str, float]]] = {}
    for one in numbers(bundle):
        metric = {"value": one.value, "lower_value": one.low, "upper_value": one.high}
        known = {key: value for key, value in metric.items() if value is not None}
        document.setdefault(one.benchmark, {})[_measure(one.metric)] = known
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _measure(metric: str) -> str:
    """Spell a metric as a slug; a long one keeps its beginning and a hash, so that two stay two."""
    slug = _KNOWN.get(metric) or re.sub(r"[^a-z0-9]+", "-", metric.lower()).strip("-")
    if slug and len(slug) <= _LONGEST_MEASURE:
        return slug
    return f"{slug[:50]}-{hashlib.sha256(metric.encode()).hexdigest()[:12]}".strip("-")
