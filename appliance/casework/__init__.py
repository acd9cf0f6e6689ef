"""The practice's duties with its recordings: pure rules, dates injected."""
