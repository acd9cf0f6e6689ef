"""Linekeeper: a telephone-call recorder in a box."""

__version__ = "0.1.0"
