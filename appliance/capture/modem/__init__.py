"""A USB voice modem as a tap: an AT dialogue into voice receive (ITU-T V.253), then shielded sound without end."""
