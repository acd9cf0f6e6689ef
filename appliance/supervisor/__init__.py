"""Keeps the appliance's processes running where systemd does not: on a developer's or a first-time user's machine."""
