"""Check arguments once, where a value is built, so that nothing downstream has to."""

from enum import Enum

from hivemind.primitives.errors import InvalidValueError
from hivemind.primitives.names import fault_of


def require_text(value: object, *, where: str) -> None:
    """Raise `InvalidValueError` unless `value` is a string that shows, of which every letter does."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidValueError(f"{where} is {value!r}; give a string that is not blank")
    if fault := fault_of(value):
        raise InvalidValueError(f"{where} {value!a} {fault}")


def require_count(value: object, allowed: range, *, where: str) -> None:
    """Raise `InvalidValueError` unless `value` is a whole number in `allowed`."""
    if not isinstance(value, int) or value not in allowed:
        raise InvalidValueError(f"{where} is {value!r}; give a whole number from {allowed.start} to {allowed.stop - 1}")


def require_member(value: object, kind: type[Enum], *, where: str) -> None:
    """Raise `InvalidValueError` unless `value` is a member of the enumeration `kind`."""
    if not isinstance(value, kind):
        allowed = ", ".join(f"{kind.__name__}.{member.name}" for member in kind)
        raise InvalidValueError(f"{where} is {value!r}; give one of {allowed}")


def require_kind(value: object, kind: type, values: tuple[object, ...], *, where: str) -> None:
    """Raise `InvalidValueError` unless `value` is a `kind`; the message says which of `values` it is.

    For loops that ask for the exact type first, the cheapest question: this one then looks at that value alone, and at
    all of them only where it fails.
    """
    if not isinstance(value, kind):
        position = next(place for place, each in enumerate(values) if each is value)
        raise InvalidValueError(
            f"{where}[{position}] is a {type(value).__name__}; every item must be a {kind.__name__}"
        )
