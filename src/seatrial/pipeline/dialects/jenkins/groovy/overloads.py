"""Methods of one name, and which of them a call means: by the number of what it gives, then by the types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seatrial.pipeline.dialects.jenkins.groovy import objects
from seatrial.pipeline.dialects.jenkins.groovy.machine import Thrown, Value
from seatrial.pipeline.dialects.jenkins.syntax import Method, Parameter, Position
from seatrial.pipeline.dialects.jenkins.values import type_name

Methods = tuple[Method, ...]

_REAL = ("float", "Float", "double", "Double", "BigDecimal", "Number", "Comparable", "Serializable")
# What a parameter may be declared as to take a value of a class, the nearest first.
_NEAREST = {
    "Integer": ("int", "Integer", "long", "Long", "BigInteger", *_REAL),
    "Long": ("long", "Long", "BigInteger", *_REAL),
    "BigInteger": ("BigInteger", *_REAL),
    "BigDecimal": ("BigDecimal", "double", "Double", "float", "Float", "Number", "Comparable"),
    "Double": ("double", "Double", "float", "Float", "BigDecimal", "Number", "Comparable"),
    "Boolean": ("boolean", "Boolean"),
    "Character": ("char", "Character"),
    "String": ("String", "GString", "CharSequence", "Comparable", "Serializable"),
    "GStringImpl": ("GString", "CharSequence", "String", "Comparable", "Serializable"),
    "ArrayList": ("ArrayList", "List", "Collection", "Iterable"),
    "LinkedHashSet": ("LinkedHashSet", "HashSet", "Set", "Collection", "Iterable"),
    "LinkedHashMap": ("LinkedHashMap", "HashMap", "Map"),
}
_KNOWN = frozenset(name for names in _NEAREST.values() for name in names)
_PRIMITIVE = frozenset(("int", "long", "short", "byte", "float", "double", "boolean", "char"))
_ANY = frozenset(("", "def", "Object"))
_KIND, _OBJECT, _ONE_OF_MANY = 50, 100, 1_000


def by_name(methods: Iterable[Method]) -> dict[str, Methods]:
    found: dict[str, Methods] = {}
    for one in methods:
        found[one.name] = (*found.get(one.name, ()), one)
    return found


def chosen(methods: Methods, given: list[Value], at: Position) -> Method:
    """The method that a call means. Raises Thrown where there is none, or no nearest."""
    fitting = [one for one in methods if _takes(one.parameters, len(given))]
    far = [(distance, one) for one in fitting if (distance := _distance(one.parameters, given)) is not None]
    least = min((distance for distance, _ in far), default=0)
    nearest = [one for distance, one in far if distance == least]
    if len(nearest) == 1:
        return nearest[0]
    words = f"{methods[0].name}() for ({', '.join(map(type_name, given))})"
    if nearest:
        message = f"Ambiguous method overloading for method {words}"
        raise Thrown("groovy.lang.GroovyRuntimeException", message, at)
    raise Thrown("groovy.lang.MissingMethodException", f"No signature of method: {words}", at)


def getter(methods: Mapping[str, Methods], name: str) -> Methods:
    """The methods that are asked for the property `name`; () where there are none."""
    after = [one for one in (name[:1].upper() + name[1:], name) if _property_of(one) == name]
    named = [found for word in ("get", "is") for one in after for found in methods.get(word + one, ())]
    return tuple(filter(_is_getter, named))[:1]


def _property_of(word: str) -> str:
    """What Java calls the property of `get` and a word: that of URL keeps its letters."""
    return word if word[:2].isupper() and len(word) > 1 else word[:1].lower() + word[1:]


def _is_getter(method: Method) -> bool:
    gives = method.type in ("boolean", "Boolean") if method.name.startswith("is") else method.type != "void"
    return gives and all(one.default is not None for one in method.parameters)


def is_variable(parameters: tuple[Parameter, ...]) -> bool:
    """Whether the last parameter takes all that is left."""
    return bool(parameters) and parameters[-1].type.endswith("[]")


def _takes(parameters: tuple[Parameter, ...], count: int) -> bool:
    """Whether so many values are enough, and not too many; one that is not given may be null."""
    needed = sum(one.default is None for one in parameters) - is_variable(parameters)
    is_enough = count >= needed or (count == 0 and len(parameters) == 1)
    return is_enough and (count <= len(parameters) or is_variable(parameters))


def _distance(parameters: tuple[Parameter, ...], given: list[Value]) -> int | None:
    """How far the parameters are from what is given; None where they do not take it."""
    spare = len(given) - sum(one.default is None for one in parameters)
    total, left = 0, list(given)
    for parameter in parameters:
        if parameter.default is not None and spare <= 0:
            continue
        spare -= parameter.default is not None
        taken, left = (left[:1], left[1:])
        one = _of_one(parameter.type, taken[0]) if taken else int(not is_variable(parameters))
        if one is None and parameter is parameters[-1] and is_variable(parameters):
            many = [_of_one(parameter.type.removesuffix("[]"), value) for value in (*taken, *left)]
            one = None if None in many else _ONE_OF_MANY
        if one is None:
            return None
        total += one
    return total


def _of_one(kind: str, value: Value) -> int | None:
    name = kind.rpartition(".")[2].partition("<")[0]
    if value is None:
        return None if name in _PRIMITIVE else int(name not in _ANY)
    nearest = _NEAREST.get(type_name(value).rpartition(".")[2], ())
    if name in nearest:
        return nearest.index(name)
    if name in _ANY:
        return _OBJECT
    is_known = name in _KNOWN or name in objects.TYPES
    return _KIND if not is_known or objects.is_a(value, name) else None
