"""The public suites that hivegate is tried on, and what stands in the way of running them."""

from __future__ import annotations

import msgspec

_TESTING = ("pytest", "pytest-benchmark", "scalene")
_CODSPEED = (*_TESTING, "pytest-codspeed")
# What the pytest.ini of aio-libs' projects asks for by name.
_AIO_LIBS = (*_CODSPEED, "pytest-cov", "pytest-xdist")


class Foreign(msgspec.Struct, frozen=True, kw_only=True):
    """A package whose source distribution holds benchmarks, in two releases; `needs` is what its suite imports.

    `own_json` where pytest-benchmark alone, without hivegate, makes a result file of the suite.
    """

    package: str
    head: str
    base: str
    style: str
    profiled: str
    needs: tuple[str, ...]
    own_json: bool = True


FOREIGN = (
    Foreign(
        package="cattrs",
        head="26.2.1",
        base="25.1.1",
        style="pytest-benchmark",
        profiled="primitives/unstructure_int[Converter]",
        needs=(*_TESTING, "msgspec", "orjson", "immutables"),
    ),
    Foreign(
        package="attrs",
        head="26.1.0",
        base="24.2.0",
        style="pytest-codspeed's marker on a whole module",
        profiled="benchmarks/create_simple_class",
        needs=_CODSPEED,
        own_json=False,
    ),
    Foreign(
        package="propcache",
        head="0.5.4",
        base="0.3.1",
        style="pytest-codspeed's fixture",
        profiled="benchmarks/under_cached_property_cache_hit",
        needs=_AIO_LIBS,
    ),
    Foreign(
        package="lazy-object-proxy",
        head="1.13.0",
        base="1.10.0",
        style="pytest-benchmark",
        profiled="perf/perf[slots]",
        needs=(*_TESTING, "wrapt"),
    ),
    Foreign(
        package="python-rapidjson",
        head="1.25",
        base="1.20",
        style="pytest-benchmark",
        profiled="benchmark/dumps*",
        needs=_TESTING,
    ),
)
