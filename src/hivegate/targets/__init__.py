"""targets.yaml -> Targets: the gate's only YAML and the only parsing of units."""

from hivegate.targets.read import load_targets, parse_targets

__all__ = ["load_targets", "parse_targets"]
