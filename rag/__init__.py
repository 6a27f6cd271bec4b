"""Kutip: answers from news articles, with quotes that check out.

from rag import Assistant

with Assistant.open() as assistant:
    answer = assistant.ask("Will US troops defend Ukraine?")
"""

from rag.assistant import Assistant
from rag.config import Config
from rag.embedding import HashingEmbedder
from rag.errors import (
    ConfigError,
    DocumentError,
    LanguageModelError,
    ModelError,
    QuestionError,
    RagError,
    ReceiptError,
    StoreBusy,
    StoreError,
    StoreMismatch,
    UnknownDocument,
)
from rag.language_model import LanguageModel, Meter, Prompt, ScriptedModel
from rag.records import Answer, Citation, Document, Event, Hit, Passage, Sentence, Span, Support, Turn

__all__ = [  # noqa: RUF022  (grouped by step)
    # Ask
    "Assistant", "Config",
    # What is given back
    "Answer", "Sentence", "Citation", "Event", "Hit", "Support",
    # What is asked about
    "Document", "Passage", "Span", "Turn",
    # What can go wrong
    "RagError", "ConfigError", "DocumentError", "LanguageModelError", "ModelError", "QuestionError", "ReceiptError",
    "StoreBusy", "StoreError", "StoreMismatch", "UnknownDocument",
    # A language model of your own
    "LanguageModel", "Prompt", "Meter",
    # For tests of what is built on this
    "HashingEmbedder", "ScriptedModel",
]  # fmt: skip
