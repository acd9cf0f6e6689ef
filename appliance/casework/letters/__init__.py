"""The letters of the casework: texts with fixed placeholders, to be printed and edited by the practice.

``letter`` fills one in. The texts are drafts in plain words, to be confirmed with the data protection officer.
"""
