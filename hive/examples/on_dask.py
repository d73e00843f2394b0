"""Let agents and stages work on a Dask cluster; any other executor of concurrent.futures does as well."""

import asyncio

from distributed import Client, LocalCluster

from hivemind.packs import HiveConfiguration, Pack
from hivemind.queen import HiveQueen
from hivemind.swarm import Coordinator, Pipeline, Stage, StageContext, on_executor


def count(context: StageContext) -> int:
    """Compute on a worker."""
    return sum(range(context.given(int)))


packs = (
    Pack(name="people", classes=frozenset({"Person"})),
    Pack(name="shop", classes=frozenset({"Person", "Order"})),
)


async def main(client: Client) -> None:
    """Compose, and run a pipeline, on the workers."""
    executor = client.get_executor()
    composition = await HiveQueen(executor=executor).orchestrate(HiveConfiguration(packs=packs))
    assert [decision.topic.subject for decision in composition.decisions] == ["Person"]
    report = await Coordinator().run(Pipeline([Stage(name="count", run=on_executor(executor, count))]), 1000)
    print(report.result("count", int))
    assert report.result("count", int) == 499_500


if __name__ == "__main__":
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster, Client(cluster) as client:
        asyncio.run(main(client))
