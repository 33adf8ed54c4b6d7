"""Java's exceptions: in which package each is, and which are kinds of which."""

from __future__ import annotations

from seatrial.pipeline.dialects.jenkins.groovy.machine import Raised

_PACKAGES = {
    "java.io": "IOException FileNotFoundException UncheckedIOException",
    "java.util": "NoSuchElementException ConcurrentModificationException EmptyStackException",
    "java.util.concurrent": "TimeoutException ExecutionException CancellationException",
    "groovy.lang": "GroovyRuntimeException MissingPropertyException MissingMethodException",
    "hudson": "AbortException",
}
_PACKAGE_OF = {name: package for package, names in _PACKAGES.items() for name in names.split()}
# The kinds of each that has some here; every other is an Exception or, by its name, an Error.
_KINDS = {
    "RuntimeException": (
        "IllegalArgumentException IllegalStateException NullPointerException ArithmeticException"
        " ClassCastException IndexOutOfBoundsException UnsupportedOperationException SecurityException"
        " NegativeArraySizeException NoSuchElementException ConcurrentModificationException"
        " EmptyStackException UncheckedIOException GroovyRuntimeException"
    ),
    "IllegalArgumentException": "NumberFormatException PatternSyntaxException",
    "IllegalStateException": "CancellationException",
    "IndexOutOfBoundsException": "StringIndexOutOfBoundsException ArrayIndexOutOfBoundsException",
    "GroovyRuntimeException": "MissingPropertyException MissingMethodException ReadOnlyPropertyException",
    "ClassCastException": "GroovyCastException",
    "AbortException": "CredentialNotFoundException",
    "IOException": "FileNotFoundException AbortException FileAlreadyExistsException",
    "InterruptedException": "FlowInterruptedException",
    "Error": "AssertionError VirtualMachineError",
    "AssertionError": "PowerAssertionError",
    "VirtualMachineError": "OutOfMemoryError StackOverflowError",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}


def full_name(kind: str) -> str:
    """The name of an exception's class with its package."""
    return kind if "." in kind else f"{_PACKAGE_OF.get(kind, 'java.lang')}.{kind}"


def is_caught(value: Raised, kinds: tuple[str, ...]) -> bool:
    """Whether a `catch` of these kinds takes it; one without any takes every Exception."""
    names = {kind.rpartition(".")[2] for kind in kinds or ("Exception",)}
    return not names.isdisjoint(_lineage(value.kind.rpartition(".")[2]))


def _lineage(name: str) -> list[str]:
    """The class and all that it is a kind of."""
    found = [name]
    while name in _KIND_OF:
        name = _KIND_OF[name]
        found.append(name)
    last = "Error" if name.endswith("Error") else "Exception"
    return [*found, last, "Throwable", "Object"]
