"""The gate language: one line says what must hold before a model may carry traffic.

    gate     = metric [ "(" option ")" ] comparison bound [ "on" slice ]
    bound    = number | environment [ "*" number ] [ ("+" | "-") number ]
    slice    = "every" column | column "=" value
    number   = 0.78 | 78% | 2pp | 250ms | 1.5s

Names with other signs than letters, digits, "_" and inner "-" are quoted; in quotes two of them are one.
Classes and values of slices are compared as labels are. An option in quotes is always a class: f1(macro) is
an average, f1("macro") the class of that name. Pure; imports no metric's engine.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from math import inf

from seatrial.errors import BadInput, Place
from seatrial.evaluation import labels
from seatrial.evaluation.all_metrics import ALL_METRICS, metric
from seatrial.evaluation.gate_words import NAME, NUMBER, QUOTED, SIGN, Word, as_word, quoted, words
from seatrial.evaluation.metric import class_of, option_of
from seatrial.evaluation.nearest import did_you_mean
from seatrial.named_tuple import NamedTuple

COMPARISONS = (">=", "<=", ">", "<")
STABLE = "stable"  # the baseline of live gates: the revision beside the candidate

# Live metrics, with the bounds of their values; latency_p95 stands for every latency_pNN.
_LIVE_BOUNDS = {
    "error_rate": (0.0, 1.0),
    "latency_p95": (0.0, inf),
    "agreement": (0.0, 1.0),
    "drift": (0.0, inf),
    "throughput": (0.0, inf),
    "saturation": (0.0, inf),
}
# Those that the gateway measures as plain numbers, as a command or a query measures others.
GATEWAY_NUMBERS = ("throughput", "saturation")
# Those that compare a candidate's answers with stable's answers to the same requests.
PAIRED = ("agreement", "drift")
_LATENCY = "latency_p"

# What programs print where there is no number.
_NO_NUMBERS = ("nan", "inf", "infinity", "none", "null")


class Gate(NamedTuple):
    """`metric(option) comparison bound`, where bound is `threshold`, or factor * baseline + margin.

    Values are shares (0.78), never percents; latencies are seconds.
    """

    text: str
    place: Place
    metric: str
    comparison: str
    option: str = ""  # an average (micro) or a class, see `metric.option_of`; "" = the metric's first option
    threshold: float | None = None  # None: compared with `baseline`
    baseline: str = ""  # an environment, or "stable"
    factor: float = 1.0
    margin: float = 0.0
    slice_column: str = ""  # "" = all examples
    slice_value: str | None = None  # None, with a column: every value of it
    live: bool = False  # measured on traffic, not on a test set
    number: bool = False  # measured now and then, as one number of which no spread is known

    @property
    def measured(self) -> str:
        """The metric as a gate writes it: "f1", "f1(positive)"."""
        return measured(self.metric, self.option)

    @property
    def compares(self) -> bool:
        """Whether something else than the candidate has to be there, too."""
        return bool(self.baseline) or self.metric in PAIRED

    def bad(self, message: str, hint: str) -> BadInput:
        """The error for a gate that can be read, and cannot be judged."""
        return BadInput(f"gate {self.text!r}: {message}", hint, self.place)


def measured(name: str, option: str) -> str:
    """A metric with its option as a gate writes, and reads, it: f1, f1(micro), f1("a b")."""
    if not option:
        return name
    is_quoted = class_of(option) != option
    return f"{name}({quoted(class_of(option)) if is_quoted else as_word(option)})"


def baseline_of(gate: Gate) -> str | None:
    """The environment that the gate compares with, or None."""
    return gate.baseline or None


def parse(text: str, place: Place, numbers: Collection[str] = ()) -> Gate:
    """Read a gate. Raises BadInput with the column of the word that is wrong.

    `numbers` are the names of an environment's `metrics`, which its own gates may use.
    """
    reader = _Reader(text, place, words(text, place))
    reader, name = _metric(reader, numbers)
    reader, option = _option(reader, name)
    reader, comparison = _comparison(reader)
    reader, bound = _bound(reader, name)
    reader, (column, value) = _slice(reader)
    if reader.words:
        raise reader.error(
            f"{reader.words[0].text!r} is left over", "a gate ends after its bound, or after 'on …'"
        )
    gate = Gate(text, place, name, comparison, option, **bound._asdict())
    live = name not in ALL_METRICS or gate.baseline == STABLE
    number = name in GATEWAY_NUMBERS or (live and not is_known(name))
    return gate._replace(slice_column=column, slice_value=value, live=live, number=number)


@lru_cache(256)  # a judge asks for the gates of its releases every second
def thaw(text: str) -> Gate:
    """A gate that was read before, of a plan: its metric may be an environment's own."""
    place = Place("")
    return parse(text, place, [word.text for word in words(text, place)[:1]])


def is_known(name: str) -> bool:
    """Whether a name is a metric of ours, so that no metric of an environment can have it."""
    return name in ALL_METRICS or is_live_metric(name)


class _Reader(NamedTuple):
    """What is still to be read."""

    text: str
    place: Place
    words: tuple[Word, ...]

    def next(self) -> Word:
        return self.words[0] if self.words else Word("", "", len(self.text))

    def rest(self) -> _Reader:
        return self._replace(words=self.words[1:])

    def error(self, message: str, hint: str = "", at: Word | None = None) -> BadInput:
        offset = (at or self.next()).offset
        column = max(self.place.column, 1) + offset
        return BadInput(f"gate {self.text!r}: {message}", hint, self.place._replace(column=column))


class _Bound(NamedTuple):
    threshold: float | None = None
    baseline: str = ""
    factor: float = 1.0
    margin: float = 0.0


def _metric(reader: _Reader, numbers: Collection[str]) -> tuple[_Reader, str]:
    word = reader.next()
    if word.kind != NAME:
        raise reader.error("a gate begins with a metric", "for example: accuracy >= 0.78")
    if not is_known(word.text) and word.text not in numbers:
        known = (*numbers, *ALL_METRICS, *_LIVE_BOUNDS)
        raise reader.error(f"there is no metric {word.text!r}", did_you_mean(word.text, known))
    return reader.rest(), word.text


def is_live_metric(name: str) -> bool:
    """error_rate and its like, and latency_pNN for a percentile from 1 to 99."""
    percentile = name.removeprefix(_LATENCY)
    return name in _LIVE_BOUNDS or (
        name.startswith(_LATENCY) and percentile.isascii() and percentile.isdigit() and len(percentile) <= 2
        and int(percentile) > 0
    )  # fmt: skip


def _option(reader: _Reader, name: str) -> tuple[_Reader, str]:
    if reader.next().text != "(" or reader.next().kind != SIGN:
        return reader, ""
    inside = reader.rest()
    after, word = _value(inside)
    if word.kind not in (NAME, NUMBER, QUOTED):
        raise inside.error("the parentheses are empty", "write a class, macro, micro or weighted")
    if after.next().text != ")":
        raise after.error("')' is missing", "quote a class whose name has spaces or signs: f1('a b')")
    if not _may_have(name, word):
        raise inside.error(f"{name} takes no {word.text!r}", _options_hint(name), word)
    if word.kind != QUOTED and word.text in metric(name).OPTIONS:
        return after.rest(), word.text
    return after.rest(), option_of(labels.text(word.text) or "", metric(name).OPTIONS)


def _value(reader: _Reader) -> tuple[_Reader, Word]:
    """A class, or the value of a slice: a word, or a number with its minus."""
    word, after = reader.next(), reader.rest()
    number = after.next()
    if word.text == "-" and word.kind == SIGN and number.kind == NUMBER and number.offset == word.offset + 1:
        return after.rest(), number._replace(text=f"-{number.text}", offset=word.offset)
    return after, word


def _may_have(name: str, word: Word) -> bool:
    if name not in ALL_METRICS:
        return False
    found = metric(name)
    is_option = word.kind != QUOTED and word.text in found.OPTIONS
    return bool(word.text) and (found.TAKES_CLASS or is_option)


def _options_hint(name: str) -> str:
    return f"write {name} without parentheses"


def _comparison(reader: _Reader) -> tuple[_Reader, str]:
    word = reader.next()
    if word.text in COMPARISONS and word.kind == SIGN:
        return reader.rest(), word.text
    found = f"{word.text!r} is no comparison" if word.text else "a comparison is missing"
    raise reader.error(found, "use >=, <=, > or <")


def _bound(reader: _Reader, name: str) -> tuple[_Reader, _Bound]:
    word = reader.next()
    minus = word.text == "-" and word.kind == SIGN
    if minus or word.kind == NUMBER:
        number = reader.rest().next() if minus else word
        after = reader.rest().rest() if minus else reader.rest()
        value = _number(reader, number, name) * (-1 if minus else 1)
        _check_range(reader, word, name, value)
        return after, _Bound(threshold=value)
    if word.kind not in (NAME, QUOTED) or not word.text:
        raise reader.error("a bound is missing", "write a number, or an environment: f1 >= production - 0.02")
    if word.kind == NAME and word.text.lower() in _NO_NUMBERS:
        hint = "write a number; an environment of that name stands in quotes"
        raise reader.error(f"nothing compares with {word.text}", hint)
    sign, factor = _factor(reader.rest())
    after, margin = _margin(sign, name, word.text)
    if word.text != STABLE:  # a plan of live gates knows how many requests they need, and refuses them
        _check_margin(sign.rest(), name, margin)
    return after, _Bound(baseline=word.text, factor=factor, margin=margin)


def _factor(reader: _Reader) -> tuple[_Reader, float]:
    if reader.next().text != "*":
        return reader, 1.0
    word = reader.rest().next()
    if word.kind != NUMBER or word.unit:
        raise reader.rest().error("a factor is a plain number", "for example: rmse <= production * 1.05")
    if not 0 < word.value < inf:
        raise reader.rest().error("a factor is greater than 0", at=word)
    return reader.rest().rest(), word.value


def _margin(reader: _Reader, name: str, baseline: str) -> tuple[_Reader, float]:
    sign = reader.next()
    if sign.text not in ("+", "-") or sign.kind != SIGN:
        return reader, 0.0
    word = reader.rest().next()
    if word.unit == "%":
        factor = 1 - word.value if sign.text == "-" else 1 + word.value
        hint = f"write {word.text[:-1]}pp for percentage points, or a factor: {baseline} * {factor:g}"
        raise reader.rest().error("percent of what?", hint, word)
    value = _number(reader.rest(), word, name)
    return reader.rest().rest(), -value if sign.text == "-" else value


def _number(reader: _Reader, word: Word, name: str) -> float:
    if word.kind != NUMBER:
        raise reader.error("a number is missing", "for example 0.78, 78%, 2pp", word)
    latency = name.startswith(_LATENCY)
    if (word.unit in ("ms", "s")) != latency and word.unit:
        wanted = "milliseconds or seconds: 250ms" if latency else "plain numbers or shares: 0.78, 78%, 2pp"
        raise reader.error(f"{name} is not measured in {word.unit!r}", f"it is measured in {wanted}", word)
    if latency and not word.unit:
        raise reader.error("a latency needs its unit", f"write {word.text}ms or {word.text}s", word)
    return word.value


def _check_range(reader: _Reader, word: Word, name: str, value: float) -> None:
    low, high = bounds_of(name)
    if low <= value <= high:
        return
    hint = f"write {word.text}% for the share {value / 100:g}" if high == 1 and 1 < value <= 100 else ""
    limits = f"between {low:g} and {high:g}" if high < inf and low > -inf else f"at most {high:g}"
    raise reader.error(
        f"{name} is {limits if high < inf else f'at least {low:g}'}, so never {value:g}", hint, word
    )


def _check_margin(reader: _Reader, name: str, margin: float) -> None:
    """A margin as wide as all values decides nothing: `production - 2` would let everything pass."""
    low, high = bounds_of(name)
    if abs(margin) < high - low:
        return
    word = reader.next()
    hint = f"write {word.text}pp for percentage points" if not word.unit else ""
    raise reader.error(f"no two values of {name} are more than {high - low:g} apart", hint, word)


def bounds_of(name: str) -> tuple[float, float]:
    """The least and the greatest value that a metric can have."""
    if name in ALL_METRICS:
        return metric(name).BOUNDS
    return _LIVE_BOUNDS.get("latency_p95" if name.startswith(_LATENCY) else name, (-inf, inf))


def _slice(reader: _Reader) -> tuple[_Reader, tuple[str, str | None]]:
    if reader.next().text != "on" or reader.next().kind != NAME:
        return reader, ("", None)
    after = reader.rest()
    every = after.next().text == "every" and after.next().kind == NAME
    column = (after.rest() if every else after).next()
    if column.kind not in (NAME, QUOTED) or not column.text:
        raise after.error("'on' needs a column", "write 'on every domain' or 'on domain=tweets'", column)
    if every:
        return after.rest().rest(), (column.text, None)
    equals = after.rest()
    after, value = _value(equals.rest())
    if equals.next().text != "=" or value.kind not in (NAME, QUOTED, NUMBER):
        raise equals.error("which slice?", f"write 'on every {column.text}' or 'on {column.text}=VALUE'")
    return after, (column.text, labels.text(value.text) or "")
