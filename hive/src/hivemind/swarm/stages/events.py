"""Change events: what happened to a vocabulary, one JSON object a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hivemind.packs import Pack, PackError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """One change, numbered from 1 without gaps in the order in which changes were made."""

    sequence: int
    name: str


class ClassAdded(Event, frozen=True, kw_only=True, tag="class_added"):
    """A class came, perhaps specialising another."""

    parent: str = ""


class ClassRemoved(Event, frozen=True, kw_only=True, tag="class_removed"):
    """A class went."""


class PropertyAdded(Event, frozen=True, kw_only=True, tag="property_added"):
    """A property came."""

    types: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


class PropertyChanged(Event, frozen=True, kw_only=True, tag="property_changed"):
    """A property's value types or domains became others; None means unchanged."""

    types: tuple[str, ...] | None = None
    domains: tuple[str, ...] | None = None


class PropertyRemoved(Event, frozen=True, kw_only=True, tag="property_removed"):
    """A property went."""


AnyEvent = ClassAdded | ClassRemoved | PropertyAdded | PropertyChanged | PropertyRemoved

_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def read_events(log: str) -> tuple[AnyEvent, ...]:
    """Return the events of a log, as written; blank lines are skipped.

    Raises PackError naming the line and, where there is one, the key.
    """
    events = []
    for number, line in enumerate(log.split("\n"), 1):
        if line.strip():
            try:
                events.append(_DECODER.decode(line))
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                raise PackError(f"line {number} of the event log is no change event: {error}") from error
    return tuple(events)


def log_of(events: Iterable[AnyEvent], *, since: int = 0) -> str:
    """Return events as a log, numbered anew from the one after `since`."""
    renumbered = (msgspec.structs.replace(event, sequence=number) for number, event in enumerate(events, since + 1))
    return "".join([f"{_ENCODER.encode(event).decode()}\n" for event in renumbered])


def new_events(events: tuple[AnyEvent, ...], since: int) -> tuple[AnyEvent, ...]:
    """Return the events after number `since`, in order, each once; logs overlap and deliver more than once.

    Raises PackError for a gap, and for one number that stands for two different changes.
    """
    ordered: dict[int, AnyEvent] = {}
    for event in sorted(events, key=lambda event: event.sequence):
        known = ordered.setdefault(event.sequence, event)
        if known != event:
            raise PackError(f"event {event.sequence} stands for two changes: {known} and {event}")
    fresh = tuple(event for number, event in ordered.items() if number > since)
    for expected, event in enumerate(fresh, since + 1):
        if event.sequence != expected:
            raise PackError(
                f"event {expected} is missing: the vocabulary has changes up to {since}, "
                f"and the log goes on with {event.sequence}; deliver the log from {expected}"
            )
    return fresh


def extend(vocabulary: Pack, events: tuple[AnyEvent, ...]) -> Pack:
    """Return the vocabulary with the events applied in order.

    Raises PackError naming the event whose term is there already or is not there. Time: linear in the terms and
    the events.
    """
    classes, parents = set(vocabulary.classes), dict(vocabulary.parents)
    properties, domains = dict(vocabulary.properties), dict(vocabulary.domains)
    for event in events:
        match event:
            case ClassAdded():
                _absent(event, classes)
                classes.add(event.name)
                parents[event.name] = event.parent
            case PropertyAdded():
                _absent(event, properties)
                properties[event.name], domains[event.name] = event.types, event.domains
            case PropertyChanged():
                _present(event, properties)
                if event.types is not None:
                    properties[event.name] = event.types
                if event.domains is not None:
                    domains[event.name] = event.domains
            case ClassRemoved():
                _present(event, classes)
                classes.remove(event.name)
                parents.pop(event.name, None)
            case PropertyRemoved():
                _present(event, properties)
                del properties[event.name]
                domains.pop(event.name, None)
    return msgspec.structs.replace(
        vocabulary,
        classes=frozenset(classes),
        parents=parents,
        properties=properties,
        domains=domains,
        sequence=events[-1].sequence if events else vocabulary.sequence,
    )


def _absent(event: Event, terms: Container[str]) -> None:
    if event.name in terms:
        raise PackError(f"event {event.sequence} adds {event.name!a}, which is there already; change it instead")


def _present(event: Event, terms: Container[str]) -> None:
    if event.name not in terms:
        raise PackError(f"event {event.sequence} is about {event.name!a}, which is not there; add it first")
