"""What the keeper and its cutting child say to each other; apart from the child, so that the keeper needs no NumPy."""

import struct

PROGRESS, WAV, MP3, TROUBLE = b"p", b"w", b"m", b"t"
"""The letters of the records; progress is a number from 0 to 1 as text, trouble is words for a person."""

HEAD = struct.Struct(">cI")
"""Of a record: its letter, and how long its content is."""
