"""A request body held against its declared shape, with the refusals that OpenAI would send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .api_errors import ApiError

Check = Callable[[str, Any], None]
"""Raises `ApiError` unless the value found at this path is acceptable."""

_NAMES: Mapping[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a decimal",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def _expect(path: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        message = f"expected {_NAMES[kind]}, but got {_NAMES[type(value)]} instead."
        raise invalid(path, f"Invalid type for '{path}': {message}", "invalid_type")


def invalid(path: str, message: str, code: str) -> ApiError:
    """A 400 about one parameter."""
    return ApiError(400, message, param=path, code=code)


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly these fields; a field that may be left out may also be null."""
    optional = optional or {}

    def check(path: str, value: Any) -> None:
        _expect(path, value, dict)
        for name in required:
            if name not in value:
                where = _join(path, name)
                message = f"Missing required parameter: '{where}'."
                raise invalid(where, message, "missing_required_parameter")
        for name, found in value.items():
            where = _join(path, name)
            if name in required:
                required[name](where, found)
            elif name not in optional:
                raise invalid(where, f"Unknown parameter: '{where}'.", "unknown_parameter")
            elif found is not None:
                optional[name](where, found)

    return check


def array(of: Check, *, at_most: int | None = None) -> Check:
    """A list whose entries are all acceptable."""

    def check(path: str, value: Any) -> None:
        _expect(path, value, list)
        if at_most is not None and len(value) > at_most:
            message = f"Invalid '{path}': expected at most {at_most} entries, got {len(value)}."
            raise invalid(path, message, "array_above_max_length")
        for position, entry in enumerate(value):
            of(f"{path}[{position}]", entry)

    return check


def string(*, empty: bool = False) -> Check:
    """A string, which may be empty only if so declared."""

    def check(path: str, value: Any) -> None:
        _expect(path, value, str)
        if not value and not empty:
            message = f"Invalid '{path}': empty string. Expected at least 1 character."
            raise invalid(path, message, "empty_string")

    return check


def integer(lowest: int, highest: int | None = None) -> Check:
    """A whole number within bounds."""

    def check(path: str, value: Any) -> None:
        _expect(path, value, int)
        if value < lowest:
            message = f"integer below minimum value. Expected a value >= {lowest}, but got {value}."
            raise invalid(path, f"Invalid '{path}': {message}", "integer_below_min_value")
        if highest is not None and value > highest:
            message = (
                f"integer above maximum value. Expected a value <= {highest}, but got {value}."
            )
            raise invalid(path, f"Invalid '{path}': {message}", "integer_above_max_value")

    return check


def anything(_path: str, _value: Any) -> None:
    """Whatever is there."""


def number(path: str, value: Any) -> None:
    """A number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        message = f"Invalid '{path}': expected a number that is not negative."
        raise invalid(path, message, "invalid_type")


def boolean(path: str, value: Any) -> None:
    """True or false."""
    _expect(path, value, bool)


def one_of(*choices: str) -> Check:
    """One of these strings."""

    def check(path: str, value: Any) -> None:
        if value not in choices:
            supported = ", ".join(repr(choice) for choice in choices)
            message = f"Invalid value for '{path}'. Supported values are: {supported}."
            raise invalid(path, message, "invalid_value")

    return check


def primitive(path: str, value: Any) -> None:
    """A string, a number or a boolean."""
    if not isinstance(value, str | int | float | bool):
        message = f"Invalid type for '{path}': expected a string, number or boolean."
        raise invalid(path, message, "invalid_type")


def mapping(of: Check, *, longest_key: int | None = None) -> Check:
    """An object with any fields, all of them acceptable."""

    def check(path: str, value: Any) -> None:
        _expect(path, value, dict)
        for name, found in value.items():
            where = _join(path, name)
            if longest_key is not None and len(name) > longest_key:
                message = f"Invalid '{where}': key longer than {longest_key} characters."
                raise invalid(where, message, "string_above_max_length")
            of(where, found)

    return check


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
