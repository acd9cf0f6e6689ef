"""Builds the card's image: Debian for the board, the locked application, a disk without loop devices."""
