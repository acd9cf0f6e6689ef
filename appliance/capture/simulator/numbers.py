"""Telephone numbers that belong to nobody: the ranges regulators keep for drama and examples."""

import numpy as np

_RESERVED: dict[str, tuple[str, ...]] = {
    # Ofcom, "Telephone numbers for use in TV and radio drama programmes"
    "uk": (
        "01632960xxx", "02079460xxx", "01314960xxx", "01174960xxx", "01614960xxx", "01914980xxx", "07700900xxx",
        "08081570xxx",
    ),
    "us": ("21255501xx", "41555501xx", "31255501xx"),  # NANPA: 555-0100 to 555-0199
    "fr": ("019900xxxx", "026191xxxx", "035301xxxx", "063998xxxx"),  # ARCEP decision 2018-0881
    "au": ("025550xxxx", "037010xxxx", "0491570xxx"),  # ACMA, numbers for use in TV shows
    "de": ("03023125xxx", "0176040690xx"),  # Bundesnetzagentur, "Drama numbers"
    "se": ("03139006xx", "084650040x"),  # PTS, numbers for use in fiction
}  # fmt: skip


def reserved_number(rng: np.random.Generator, country: str) -> str:
    """Draw a number nobody has; countries without such a range of their own get a British one."""
    pattern = str(rng.choice(_RESERVED.get(country, _RESERVED["uk"])))
    return "".join(str(rng.integers(10)) if character == "x" else character for character in pattern)


def some_digits(rng: np.random.Generator, least: int, most: int) -> str:
    """Draw digits as people key them to a menu, an extension or a machine: ``least`` to ``most`` of them."""
    return "".join(str(digit) for digit in rng.integers(0, 10, int(rng.integers(least, most + 1))))
