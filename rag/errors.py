"""Every error of this package, on one page.

RagError                    anything below; the message says what is wrong and what to do next
|-- ConfigError             a setting that does not exist or cannot be
|-- QuestionError           a question that cannot be asked: blank, too long, not text
|-- DocumentError           a document that cannot be read, or is not what its record says
|   `-- UnknownDocument     no document of that id
|-- ModelError              an embedding model that cannot be made or loaded
|   `-- LanguageModelError  a language model that cannot be reached, is too slow, or makes no sense
|-- ReceiptError            a saved answer that cannot be read as one
`-- StoreError              the store cannot be opened, read or written
    |-- StoreBusy           another process is writing to it
    `-- StoreMismatch       it was made by another embedder
"""


class RagError(Exception):
    """Anything this package refuses to do, in a sentence for the person who asked."""


class ConfigError(RagError):
    """A setting that does not exist or cannot be."""


class QuestionError(RagError):
    """A question that cannot be asked."""


class DocumentError(RagError):
    """A document that cannot be read, or is not what its record says."""


class UnknownDocument(DocumentError):
    """No document of that id."""


class ModelError(RagError):
    """An embedding model that cannot be made or loaded."""


class LanguageModelError(ModelError):
    """A language model that cannot be reached, is too slow, or makes no sense."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        """Say what is wrong, and whether it may pass by itself."""
        super().__init__(message)
        self.passing = passing


class ReceiptError(RagError):
    """A saved answer that cannot be read as one."""


class StoreError(RagError):
    """The store cannot be opened, read or written."""


class StoreBusy(StoreError):
    """Another process is writing to the store."""


class StoreMismatch(StoreError):
    """The store was made by another embedder."""
