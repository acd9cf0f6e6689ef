"""An access request as a list of tasks: what is done, what comes next, and what it waits for."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.casework.access_requests.record import AccessRequest, Outcome


class StepState(StrEnum):
    """How a task stands."""

    DONE = "done"
    OPEN = "open"
    WAITING = "waiting"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Step:
    """One task. ``key`` names its page; ``words`` say how it stands, or what it waits for."""

    key: str
    title: str
    state: StepState
    words: str = ""


_CUT, _COPY = "Cut parts out", "Make a copy"


def steps(request: AccessRequest) -> tuple[Step, ...]:
    """Return the tasks in their order."""
    return (
        _identity(request),
        _find(request),
        _assess(request),
        _authorise(request),
        _redact(request),
        _listen(request),
        _copy(request),
        _close(request),
    )


def _identity(request: AccessRequest) -> Step:
    asked = "Proof was asked for" if request.identity_asked_on else ""
    return _step("identity", "Check identity", done=request.identity is not None, words=asked)


def _find(request: AccessRequest) -> Step:
    count = len(request.calls)
    words = f"{count} call{'' if count == 1 else 's'} found and held" if request.searches else ""
    return _step("find", "Find calls", done=bool(request.searches), words=words)


def _assess(request: AccessRequest) -> Step:
    ready = request.identity is not None and bool(request.searches)
    done = request.assessment is not None
    return _step("assess", "Assess what can be released", done=done, waits_for="" if ready else "identity and search")


def _authorise(request: AccessRequest) -> Step:
    decided = request.authorisation
    words = "" if decided is None else "Granted" if decided.granted else "Refused"
    waits_for = "" if decided or request.assessment else "the assessment"
    return _step("authorise", "Authorise or refuse", done=decided is not None, waits_for=waits_for, words=words)


def _listen(request: AccessRequest) -> Step:
    done = any(one.outcome is Outcome.HEARD for one in request.appointments)
    planned = any(one.outcome is Outcome.PLANNED for one in request.appointments)
    return _release(
        "listen",
        "Listening appointment",
        request,
        done=done,
        words="Planned: play it, then say how it went" if planned else "",
    )


def _redact(request: AccessRequest) -> Step:
    if request.assessment is not None and not request.to_redact:
        return Step("redact", _CUT, StepState.NOT_NEEDED, "No call needs cuts")
    left = sum(1 for call_id in request.to_redact if not request.redactions_of(call_id))
    done = request.assessment is not None and not left
    words = f"{left} call{'' if left == 1 else 's'} to cut" if left else ""
    return _step("redact", _CUT, done=done, waits_for="" if request.assessment else "the assessment", words=words)


def _copy(request: AccessRequest) -> Step:
    if request.copy_declined_on is not None:
        return Step("copy", _COPY, StepState.NOT_NEEDED, "Offered and declined")
    copied = {one.call_id for copy in request.copies for one in copy.calls}
    done = bool(copied) and copied.issuperset(request.given_calls)
    return _release("copy", _COPY, request, done=done)


def _close(request: AccessRequest) -> Step:
    waits_for = "" if request.authorisation else "the decision"
    return _step("close", "Close the request", done=not request.is_open, waits_for=waits_for)


def _release(key: str, title: str, request: AccessRequest, *, done: bool, words: str = "") -> Step:
    decided = request.authorisation
    if not done and decided is not None and not (decided.granted and request.given_calls):
        return Step(key, title, StepState.NOT_NEEDED, "There is nothing to release")
    return _step(key, title, done=done, waits_for="" if decided else "the decision", words=words)


def _step(key: str, title: str, *, done: bool, waits_for: str = "", words: str = "") -> Step:
    if done:
        return Step(key, title, StepState.DONE, words)
    if waits_for:
        return Step(key, title, StepState.WAITING, f"Waits for {waits_for}")
    return Step(key, title, StepState.OPEN, words)
