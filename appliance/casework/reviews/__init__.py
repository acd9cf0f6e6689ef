"""Training: a fair sample of calls, one call shared with one member of staff, and feedback that both sign.

The policy: "in a private setting and, where applicable, individuals would be given the opportunity to listen to the
calls and receive feedback and support. Developmental in the case of staff." There are no marks and no league tables.
"""
