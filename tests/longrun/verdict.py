"""What a look at a box came to."""

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """``wrong`` says in words what does not agree; ``figures`` are the table."""

    wrong: list = field(default_factory=list)
    figures: list = field(default_factory=list)

    def figure(self, name, value):
        self.figures.append((name, str(value)))

    def must(self, right, words):
        if not right:
            self.wrong.append(words)
