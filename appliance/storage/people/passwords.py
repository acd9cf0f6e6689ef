"""Which passwords may be chosen: long enough, not guessable, and without the words that anybody would try here."""

import re
from collections.abc import Iterable

from appliance.errors import PasswordTooWeak

SHORTEST, LONGEST = 12, 128
"""Characters. ASVS 6.2.1 asks for 8 and advises 15; with a second factor for everybody, 12."""

_SCORE = 3
"""Of zxcvbn's 0 to 4: at least 10^8 guesses."""

_RATED = 72
"""Characters that zxcvbn looks at; its time grows with the square."""

_TRIMMINGS = 10
"""Digits and signs around one word that add nothing worth counting."""

_SPELT_WITH_SIGNS = str.maketrans("@40!13$57", "aaoiiesst")
"""How people write letters with digits and signs."""

_LONG_ENOUGH_TO_BAN = 4

COMMON = (
    "surgery", "practice", "recorder", "recording", "linekeeper", "telephone", "doctor", "doctors", "clinic",
    "medical", "manager", "reception", "password", "health",
)  # fmt: skip
"""Words that go with any practice."""


def check_password(password: str, context: Iterable[str] = ()) -> None:
    """Say whether a password may be chosen. ``context`` are this practice's and person's own names.

    Raises:
        PasswordTooWeak: it may not; the text says why and what to do, and never holds a part of it.
    """
    if len(password) < SHORTEST:
        raise PasswordTooWeak(f"Choose a password of at least {SHORTEST} characters. Three random words are good.")
    if len(password) > LONGEST:
        raise PasswordTooWeak(f"Choose a password of at most {LONGEST} characters.")
    words = context_words(context)
    folded = password.casefold()
    if any(word in folded for word in words if len(word) >= _LONG_ENOUGH_TO_BAN):
        raise PasswordTooWeak(
            "Leave out words that anybody would try here: names of the practice and of people, and words such as "
            "surgery, recorder or password."
        )
    if _one_word(folded):
        raise PasswordTooWeak("One common word with numbers or signs around it is easy to guess. Use three words.")
    from zxcvbn import zxcvbn  # noqa: PLC0415 - twelve megabytes of words, which only choosing a password needs

    if zxcvbn(password[:_RATED], user_inputs=sorted(words))["score"] < _SCORE:
        raise PasswordTooWeak("This password is too easy to guess. Three random words with something between are good.")


def _one_word(folded: str) -> bool:
    """Return whether a password is one leaked password, English word or name, and trimmings of digits and signs.

    zxcvbn rates ``Captain2026!`` at 10^8 guesses, but whoever guesses begins with just these (ASVS 6.2.4, 6.2.12).
    """
    from zxcvbn.matching import RANKED_DICTIONARIES  # noqa: PLC0415 - as above

    spelt = folded.translate(_SPELT_WITH_SIGNS)
    windows = (
        (before, len(folded) - after) for before in range(_TRIMMINGS + 1) for after in range(_TRIMMINGS + 1 - before)
    )
    return any(
        not any(map(str.isalpha, folded[:start] + folded[stop:]))
        and any(word[start:stop] in words for word in (folded, spelt) for words in RANKED_DICTIONARIES.values())
        for start, stop in windows
        if stop - start >= _LONG_ENOUGH_TO_BAN
    )


def context_words(context: Iterable[str]) -> frozenset[str]:
    """Return the words of all that is given and the common ones, folded."""
    own = (word for text in context for word in re.split(r"[\W_]+", text.casefold()))
    return frozenset(word for word in (*own, *COMMON) if word)
