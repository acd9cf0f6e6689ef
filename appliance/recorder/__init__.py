"""The recorder service: every line's tap, detector and encoder, and the sealed spool they end in.

It holds the practice's public key only: what it has written it cannot read. It has no network, and no one asks it
anything: its word is the status file. A demonstration or a test drives ``LineRecorder`` alone, with times of its own.
"""
