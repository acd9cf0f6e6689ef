"""Requests of the police and other bodies: a register, and a decision that is the practice manager's alone.

The law permits such a disclosure and does not require it (DPA 2018 Sch. 2 Pt 1 para 2), unless a court orders it: to
refuse is a normal outcome. Nothing is decided before the person who asks has been called back on a number that the
practice found itself.

``record`` is what a request of a body is, ``acts`` what is done with it.
"""
