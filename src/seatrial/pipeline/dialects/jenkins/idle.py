"""`tools { }`: nothing here comes of it, but what Jenkins would refuse is an error."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.declarative import Section, as_section
from seatrial.pipeline.dialects.jenkins.remarks import Remarks, did_you_mean

_TOOLS = frozenset(
    "maven jdk gradle nodejs ant git jgit go groovy terraform dockerTool docker python ruby sbt allure "  # noqa: SIM905
    "dotnetsdk msbuild xcode scala android cmake hugo oc kubectl helm".split()
)


def check_tools(section: Section, remarks: Remarks) -> None:
    for one in lines_of(section, "a tool and its name", "write maven 'M3'", remarks):
        if one.name not in _TOOLS:
            remarks.unknown(one.at, f"the tool '{one.name}' is not known", did_you_mean(one.name, _TOOLS))
        elif len(one.arguments) != 1 or one.body is not None:
            remarks.error(one.at, "Expected a tool and its name", f"write {one.name} 'NAME'")


def lines_of(section: Section, what: str, hint: str, remarks: Remarks) -> list[Section]:
    """The lines of a section that has nothing else in it."""
    found = []
    for statement in section.body or ():
        line = as_section(statement)
        if line is None:
            remarks.error(statement.at, f"Expected {what}", hint)
        else:
            found.append(line)
    if section.body is not None and not section.body:
        remarks.error(section.at, f"{section.name} can not be empty", "remove it")
    return found
