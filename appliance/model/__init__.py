"""What the appliance speaks of: calls, lines, people, holds. Values only, no behaviour that touches the world."""
