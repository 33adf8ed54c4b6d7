"""`typing.NamedTuple`, with classes that cost next to nothing to make.

A command imports more than a hundred of them. For each, typing evaluates and wraps every annotation and
compiles a constructor, 0.15 ms a class: a fifth of the start-up of `seatrial run`. Here annotations are left
alone, and a class gets its constructor when it makes its first value, which most classes of a command never
do: that of all classes with as many fields, under other names. Type checkers see typing's own.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter
    from functools import cache
    from types import CodeType, FunctionType

    @cache
    def _code(count: int) -> CodeType:
        """The constructor of a class of so many fields, compiled once for all of them."""
        names = "".join(f", _{at}" for at in range(count))
        made = eval(f"lambda _cls{names}: new(_cls, ({names[2:]}{',' * (count == 1)}))")  # noqa: S307 - of numbers
        code: CodeType = made.__code__
        return code

    def _constructor(cls: Any) -> FunctionType:
        name, fields = cls.__name__, cls._fields
        code = _code(len(fields)).replace(co_varnames=("_cls", *fields), co_name=name, co_qualname=name)
        return FunctionType(code, {"new": tuple.__new__}, name, tuple(cls._field_defaults.values()))

    class _Class(type):
        """Makes a class of its body: what is annotated is a field, and has a default where it has a value."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            body.setdefault("__slots__", ())
            if bases != (tuple,) and not hasattr(bases[0], "_fields"):
                fields = tuple(body.get("__annotations__", ()))
                defaults = {field: body[field] for field in fields if field in body}
                if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                    raise TypeError(f"{name}: a field without a default follows one that has a default")
                body.update({field: _tuplegetter(at, "") for at, field in enumerate(fields)})
                body.update(_fields=fields, _field_defaults=defaults, __match_args__=fields)
            return type.__new__(cls, name, bases, body)

    class NamedTuple(tuple, metaclass=_Class):
        """The base of all; see `typing.NamedTuple` for what their values can do."""

        def __new__(cls, *values: Any, **named: Any) -> Any:
            """The first value of a class: make the constructor, which takes this one's place."""
            constructor = _constructor(cls)
            cls.__new__ = staticmethod(constructor)
            return constructor(cls, *values, **named)

        @classmethod
        def _make(cls, values: Any) -> Any:
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, not {len(made)}")
            return made

        def _replace(self, **named: Any) -> Any:
            made = tuple.__new__(type(self), map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"{type(self).__name__} has no field {', '.join(named)}")
            return made

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            shown = (f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({', '.join(shown)})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)
