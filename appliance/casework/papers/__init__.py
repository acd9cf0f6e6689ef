"""The papers that a practice keeps about its recordings: drafts, filled with what the box knows."""
