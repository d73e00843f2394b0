"""Check arguments once, where a value is built, so that nothing downstream has to."""

from enum import Enum

from hivemind.primitives.errors import InvalidValueError


def require_text(value: object, *, where: str) -> None:
    """Raise `InvalidValueError` unless `value` is a string with at least one character that shows."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidValueError(f"{where} is {value!r}; give a string that is not blank")


def require_count(value: object, allowed: range, *, where: str) -> None:
    """Raise `InvalidValueError` unless `value` is a whole number in `allowed`."""
    if not isinstance(value, int) or value not in allowed:
        raise InvalidValueError(f"{where} is {value!r}; give a whole number from {allowed.start} to {allowed.stop - 1}")


def require_member(value: object, kind: type[Enum], *, where: str) -> None:
    """Raise `InvalidValueError` unless `value` is a member of the enumeration `kind`."""
    if not isinstance(value, kind):
        allowed = ", ".join(f"{kind.__name__}.{member.name}" for member in kind)
        raise InvalidValueError(f"{where} is {value!r}; give one of {allowed}")


def require_kind(values: tuple[object, ...], kind: type, *, where: str) -> None:
    """Raise `InvalidValueError` that names the first of `values` that is no `kind`."""
    for position, value in enumerate(values):
        if not isinstance(value, kind):
            raise InvalidValueError(
                f"{where}[{position}] is a {type(value).__name__}; every item must be a {kind.__name__}"
            )
