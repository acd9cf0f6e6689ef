"""What the box does with itself, as root: updates, the check after one, starting afresh. Python's own library only."""
