"""The keeper: owner of the vault. It takes recordings in, keeps and destroys them, and answers the site over the link.

``stores`` is what it owns, ``sessions`` who is signed in, ``answers_*`` one file for each group of requests, and
``service`` the process. It has neither network nor devices.
"""
