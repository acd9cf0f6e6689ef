"""Finding the requester's calls: each search is recorded, and what it found is held from that moment."""

from collections.abc import Iterable
from datetime import date

from appliance.casework.access_requests.record import AccessRequest, Search
from appliance.casework.cases import CASEWORKERS, joined, must_be, must_be_open, must_say, noted
from appliance.errors import DateWrong
from appliance.model.calls import CallId
from appliance.model.people import Person


def record_search(
    request: AccessRequest,
    by: Person,
    today: date,
    *,
    looked_for: str,
    found: Iterable[CallId],
    first: date | None = None,
    last: date | None = None,
) -> AccessRequest:
    """Add one search and the calls it found, none also. It needs no step before it, for holding cannot wait.

    Calls that are new to the request undo its assessment and authorisation: those were made without them.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
        DateWrong: the days searched end before they begin.
    """
    must_be_open(request)
    must_be(by, CASEWORKERS, "search for the calls of a request")
    if first and last and last < first:
        raise DateWrong("The days searched end before they begin.")
    search = Search(by.username, today, must_say(looked_for, "what was looked for"), first, last, tuple(found))
    calls = joined(request.calls, search.found)
    searches = (*request.searches, search)
    if calls == request.calls:
        return noted(request, by, today, "searched", searches=searches)
    return noted(
        request,
        by,
        today,
        "searched, calls found",
        searches=searches,
        calls=calls,
        assessment=None,
        authorisation=None,
    )
