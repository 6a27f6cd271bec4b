"""What may be asked."""

import unicodedata

from rag.errors import QuestionError

MAX_CHARACTERS = 2000


def checked_question(text: str) -> str:
    """The question in composed Unicode (NFC) with single spaces, or a refusal that says why.

    Raises:
        QuestionError: it is blank, longer than `MAX_CHARACTERS`, or holds what is not text.
    """
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(f"the question has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}")
    for position, character in enumerate(text):
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\t\n\r":
            raise QuestionError(
                f"the question holds U+{ord(character):04X} at position {position}, which is not text; remove it and ask again"
            )
    question = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(character.isalnum() for character in question):
        raise QuestionError("the question is blank; type what you want to know")
    return question


def asks(sentence: str) -> bool:
    """Whether a sentence ends in a question mark, of any script but Greek (its mark is a semicolon): it asks and tells nothing."""
    return sentence.rstrip(" \"'”’»«)]」』】").endswith(("?", "？", "؟", "՞"))
