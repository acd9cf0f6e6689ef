"""What is recorded is sealed, kept, findable, and destroyed on time."""
