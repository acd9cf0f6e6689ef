"""Telephone lines without hardware: a pair of wires with physical verbs, and the traffic of a practice on it.

It ships with the product: a first-time user without a sound card hears it, the demonstration and the tests are made of
it, and it is an independent oracle for the detector. It shares no table and no arithmetic with ``appliance.capture``:
a wrong cadence or a wrong checksum on either side is found by the other.
"""
