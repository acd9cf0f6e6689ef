"""A person's request for the recordings of their calls (UK GDPR Article 15), from the asking to the closing.

``record`` is what a request is; ``arriving``, ``finding``, ``deciding`` and ``giving`` are the acts on it in their
order; ``steps`` is the list of tasks that a page shows.
"""
