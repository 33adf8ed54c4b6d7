"""On how many examples a property is tried: as many as its test says; in the inner loop a fifth of them.

`make quick` asks for that fifth by `--hypothesis-profile=quick`. No example has a deadline, nor has making
it: a busy machine would not keep it.
"""

from hypothesis import HealthCheck, settings

_USUAL = settings.get_profile("default").max_examples


def register() -> None:
    """The profiles `patient`, which counts where no other is asked for, and `quick`."""
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("patient", patient)
    settings.register_profile("quick", patient, max_examples=_USUAL // 5)
    settings.load_profile("patient")


def examples(count: int) -> settings:
    """The settings of a property that wants `count` examples where others have the usual hundred."""
    return settings(max_examples=count * settings().max_examples // _USUAL)
