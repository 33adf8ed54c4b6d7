"""What a run may be given."""

from seatrial.named_tuple import NamedTuple

STRING, BOOLEAN, CHOICE = "string", "boolean", "choice"


class Parameter(NamedTuple):
    """Every command has `value` in a variable of its name.

    `asked`: a question asks for it in the midst of the run, and nothing has it before. `given`: who started
    the run said the value. `late`: where nobody did, the first stage of the run works the value out.
    """

    name: str
    value: str
    kind: str = STRING
    choices: tuple[str, ...] = ()
    asked: bool = False
    given: bool = False
    late: bool = False
