"""What people write onto a call afterwards: tags, a note, and who of the practice took it. Sealed in its sheet."""

from dataclasses import dataclass

from appliance.codec import from_json, to_json
from appliance.errors import LabelWrong, SealBroken
from appliance.storage.records import Later

SUBJECT = "labels"
"""Of the record in the sheet; the newest counts, the older ones stay as what was once written."""

MOST_TAGS, LONGEST_TAG, LONGEST_NOTE, LONGEST_HANDLER = 10, 40, 2000, 100


@dataclass(frozen=True, slots=True)
class Labels:
    """A call's labels. ``tags`` are in order of the alphabet, each once whatever its capitals."""

    tags: tuple[str, ...] = ()
    note: str = ""
    handler: str = ""


UNLABELLED = Labels()


def checked_labels(labels: Labels) -> Labels:
    """Return labels, tidy.

    Raises:
        LabelWrong: there are too many, or one is too long or holds what cannot be printed.
    """
    tags = {tag.casefold(): tag for tag in (" ".join(tag.split()) for tag in labels.tags) if tag}
    note, handler = labels.note.strip(), " ".join(labels.handler.split())
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG or not tag.isprintable() for tag in tags.values()):
        raise LabelWrong(f"Give at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters each.")
    if len(note) > LONGEST_NOTE or not note.replace("\n", "").replace("\r", "").isprintable():
        raise LabelWrong(f"Write a note of at most {LONGEST_NOTE} characters.")
    if len(handler) > LONGEST_HANDLER or not handler.isprintable():
        raise LabelWrong(f"Name who took the call in at most {LONGEST_HANDLER} characters.")
    return Labels(tuple(tags[folded] for folded in sorted(tags)), note, handler)


def newest_labels(later: tuple[Later, ...]) -> Labels:
    """Return the labels that were written last onto a sheet; those that cannot be understood are none."""
    found = [one.content for one in later if one.subject == SUBJECT]
    try:
        return from_json(to_json(found[-1]), Labels) if found else UNLABELLED
    except SealBroken:
        return UNLABELLED
