"""BCP 47 tags: "en", "en-US", "zh-Hant"."""


def base(tag: str) -> str:
    """The language of a tag without its region or script, in lower case."""
    return tag.replace("_", "-").split("-")[0].lower()
