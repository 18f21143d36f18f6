"""
The part of JSON Schema (draft 2020-12) that our schemas use. A keyword that is not here fails, so
that no schema is believed without being read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_SAID_ELSEWHERE = frozenset({"$schema", "$id", "title", "description", "required"})


def problems(schema: dict[str, Any], value: Any, place: str = "$") -> Iterator[str]:
    """What a value has against a schema, place first; nothing if it is valid."""
    for keyword, stated in schema.items():
        if keyword not in _SAID_ELSEWHERE:
            yield from _KEYWORDS[keyword](schema, stated, value, place)


def _is(name: str, value: Any) -> bool:
    return isinstance(value, _TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def _type(_: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    names = stated if isinstance(stated, list) else [stated]
    if not any(_is(name, value) for name in names):
        yield f"{place}: not {' or '.join(names)}"


def _const(_: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    if type(value) is not type(stated) or value != stated:
        yield f"{place}: not {stated!r}"


def _enum(_: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    if value not in stated:
        yield f"{place}: none of {stated}"


def _any_of(_: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    if all(list(problems(each, value, place)) for each in stated):
        yield f"{place}: fits none of {len(stated)} forms"


def _properties(schema: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    yield from (f"{place}.{name}: missing" for name in schema["required"] if name not in value)
    for name in value.keys() & stated.keys():
        yield from problems(stated[name], value[name], f"{place}.{name}")


def _no_others(schema: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    assert stated is False
    if isinstance(value, dict):
        yield from (
            f"{place}.{name}: unknown" for name in value.keys() - schema["properties"].keys()
        )


def _items(_: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems(stated, item, f"{place}[{index}]")


def _bound(kind: type, measure: Any, holds: Any, text: str) -> Any:
    def check(_: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
        if isinstance(value, kind) and not isinstance(value, bool):
            if not holds(measure(value), stated):
                yield f"{place}: {text} {stated}"

    return check


def _pattern(_: Any, stated: Any, value: Any, place: str) -> Iterator[str]:
    if isinstance(value, str) and re.search(stated.replace("$", r"\Z"), value, re.ASCII) is None:
        yield f"{place}: not like {stated}"


def _same(value: Any) -> Any:
    return value


_KEYWORDS: dict[str, Any] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "anyOf": _any_of,
    "properties": _properties,
    "additionalProperties": _no_others,
    "items": _items,
    "pattern": _pattern,
    "minimum": _bound(int, _same, lambda a, b: a >= b, "less than"),
    "maximum": _bound(int, _same, lambda a, b: a <= b, "more than"),
    "minLength": _bound(str, len, lambda a, b: a >= b, "shorter than"),
    "maxLength": _bound(str, len, lambda a, b: a <= b, "longer than"),
    "minItems": _bound(list, len, lambda a, b: a >= b, "fewer than"),
    "maxItems": _bound(list, len, lambda a, b: a <= b, "more than"),
}
