"""Complaints of two kinds, each with its clocks; their calls are held for as long as they go on.

A complaint about the practice follows SI 2009/309 (three working days, six months, then the ombudsman); one about the
use of personal data follows DPA 2018 s.164A (thirty days, then the Information Commissioner).

``record`` is what a complaint is, ``acts`` what is done with it, ``words`` what is said of it.
"""
