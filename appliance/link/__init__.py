"""The socket between web and keeper: typed requests and replies, one connection a client thread.

``messages`` are the words, ``wire`` the bytes, ``client`` what the site calls and ``server`` what the keeper runs.
"""
