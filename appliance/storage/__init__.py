"""What is recorded is sealed, kept, findable, and destroyed on time: streams, keys, people, catalogue, holds, journal."""
