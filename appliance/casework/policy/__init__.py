"""The practice's recording policy: each of its sentences beside what carries it out, with how that stands today.

``sentences`` reads the text, ``duties`` says what can carry a sentence out and how it stands, ``record`` is the policy
as the practice has it, with its yearly check.
"""
