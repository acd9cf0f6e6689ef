"""The signed-in site on the practice's own network. It has no file and no key: it asks the keeper."""
