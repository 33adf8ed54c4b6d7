"""What gives the steps in it keys or files of this machine: `sshagent` and `configFileProvider`. Pure.

Both end with their block: the agent is ended, whatever became of the steps, and the file goes with the run.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from seatrial.errors import Interrupted, StageFailed
from seatrial.named_tuple import NamedTuple
from seatrial.pipeline.dialects.jenkins.values import truth, written
from seatrial.pipeline.step import (
    OFFERED,
    REQUIRED,
    SEATRIAL_SHELL,
    Block,
    Credential,
    Locate,
    Located,
    Program,
    Scope,
    Shell,
    ShellResult,
    Step,
    Steps,
    WithCredentials,
    WithEnv,
)

SSH_AGENT, CONFIG_FILES = "sshagent", "configFileProvider"
NAMES = frozenset((SSH_AGENT, CONFIG_FILES))
# An agent that has a command lives no longer than this: so it ends too where all of a stage is killed.
# A wrong passphrase would be asked for again without an end.
_START = r"""command -v ssh-agent >/dev/null ||
    { echo 'sshagent: there is no ssh-agent here; the package openssh-client has it' >&2; exit 127; }
umask 077
said=$(mktemp) ask=$(mktemp)
TMPDIR=/tmp ssh-agent sh -c 'echo "$SSH_AUTH_SOCK $SSH_AGENT_PID $$" >"$0"; exec sleep 2147483647' "$said" \
    >/dev/null 2>&1 </dev/null &
until [ -s "$said" ]; do kill -0 $!; sleep 0.05; done
read -r SSH_AUTH_SOCK SSH_AGENT_PID keeper <"$said"
trap 'code=$?; rm -f "$said" "$ask"; [ $code = 0 ] || kill "$SSH_AGENT_PID" "$keeper"' EXIT
cat >"$ask" <<'END'
#!/bin/sh
case $1 in Bad*) exit 1 ;; esac
printf '%s\n' "$PASSPHRASE"
END
chmod 700 "$ask"
export SSH_AUTH_SOCK SSH_AGENT_PID SSH_ASKPASS="$ask" SSH_ASKPASS_REQUIRE=force DISPLAY="${DISPLAY:-:0}"
add() { PASSPHRASE=$2 ssh-add -- "$1" </dev/null >&2; }
"""
_SAID = 'echo "$SSH_AUTH_SOCK $SSH_AGENT_PID $keeper"'


class Agent(NamedTuple):
    """The program that runs steps beside an agent with the keys of some credentials."""

    keys: tuple[Credential, ...]
    need: str
    steps: tuple[Step, ...]

    def __call__(self, _scope: Scope) -> Steps:
        started: list[str] = []

        def start(_scope: Scope) -> Steps:
            adding = (
                f'[ -z "${{KEY_{at}:-}}" ] || add "$KEY_{at}" "${{PHRASE_{at}:-}}"' for at, _ in self._named()
            )
            result = yield Shell("\n".join((_START, *adding, _SAID)), SEATRIAL_SHELL, capture=True)
            assert isinstance(result, ShellResult)
            started.extend(result.output.split())

        wanted = tuple(one for _, pair in self._named() for one in pair)
        yield WithCredentials(wanted, self.need, (Program(start, "ssh-agent"),))
        socket, *pids = started
        end = Shell(f"kill {' '.join(pids)}", SEATRIAL_SHELL, check=False)
        try:
            yield WithEnv((("SSH_AUTH_SOCK", socket), ("SSH_AGENT_PID", pids[0])), self.steps)
        except (StageFailed, Interrupted):
            yield end
            raise
        yield end

    def _named(self) -> list[tuple[int, tuple[Credential, Credential]]]:
        """The variables that the keys and their passphrases have as they are added, and only then."""
        return [
            (
                at,
                (
                    one._replace(variable=f"KEY_{at}", part="file"),
                    one._replace(variable=f"PHRASE_{at}", part="passphrase"),
                ),
            )
            for at, one in enumerate(self.keys)
        ]


def block(
    name: str,
    wanted: tuple[Credential, ...],
    values: Mapping[str, object],
    steps: tuple[Step, ...],
) -> Block:
    """Steps with what they are lent. `values`, of files: where those of some variables are to stand, too."""
    if name == SSH_AGENT:
        need = OFFERED if truth(values.get("ignoreMissing")) else REQUIRED
        # mypy does not see the __call__ of a NamedTuple
        agent = Program(Agent(wanted, need, steps), "ssh-agent")  # type: ignore[arg-type]
        return WithEnv((), (agent,))
    ids = {one.variable: one.id for one in wanted}
    copies = tuple(_copy(variable, ids[variable], written(path)) for variable, path in values.items())
    return WithCredentials(wanted, REQUIRED, (*copies, *steps))


class Copy(NamedTuple):
    """The program that puts the file of a variable at its place, by its own name where that is a folder; as
    Jenkins leaves it, it stays."""

    variable: str
    name: str
    path: str

    def __call__(self, _scope: Scope) -> Steps:
        located = yield Locate(self.path, self.name)
        assert isinstance(located, Located)
        target = shlex.quote(located.path)
        script = f'mkdir -p -- "$(dirname -- {target})"\ncp -- "${self.variable}" {target}'
        yield Shell(script, SEATRIAL_SHELL, written=f"a copy to {self.path}")


def _copy(variable: str, id_: str, path: str) -> Program:
    copy = Copy(variable, id_.replace(" ", "_").replace("/", "_"), path)
    # mypy does not see the __call__ of a NamedTuple
    return Program(copy, f"a copy of {id_} to {path}")  # type: ignore[arg-type]
