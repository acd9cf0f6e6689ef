"""The firmware: what builds the card's image, and what boots it and proves it."""
