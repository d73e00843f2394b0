"""The Hive Mind engine: primitives, and the queen and the swarm built on them."""
