"""BM25 over the texts of passages, in memory: finds what is spelled alike, whatever the vectors say.

No language's stemmer or stop words are involved. Words are cut to their first five letters, which brings the forms of a
word together in most inflected languages (right passage first, TyDi development questions: Russian 0.56 -> 0.76, Finnish
0.66 -> 0.78; 300 questions each), and scripts written without spaces are cut into pairs of characters.
"""

import unicodedata
from collections.abc import Iterator, Sequence

import bm25s
import numpy as np
import regex
from numpy.typing import NDArray

STEM = 5
"""Letters of a word that count."""

_PAIRED = r"[[\p{L}\p{M}\p{N}]&&[" + "".join(
    rf"\p{{scx={script}}}" for script in ("Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar")
) + "]]"  # fmt: skip
_WORD = regex.compile(rf"(?P<paired>{_PAIRED}+)|[[\p{{L}}\p{{M}}\p{{N}}]--{_PAIRED}]+", regex.VERSION1)


def tokens(text: str) -> list[str]:
    """What a text is matched by: the beginnings of its words, or pairs of characters where words have no spaces."""
    return list(_tokens(unicodedata.normalize("NFKC", text).casefold()))


class Keywords:
    """BM25 (Lucene's variant, k1 1.5, b 0.75) over a fixed sequence of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts: about a second for 5,000 passages of a hundred words."""
        cut = [tokens(text) for text in texts]
        self._size = len(cut)
        self._index = bm25s.BM25()
        self._vocabulary: dict[str, int] = {}
        if any(cut):
            self._index.index(cut, show_progress=False)
            self._vocabulary = self._index.vocab_dict
            self._frequencies = np.diff(self._index.scores["indptr"])

    def shares(self, question: str) -> NDArray[np.float32]:
        """For each text, the share of the question that it holds, from 0 to 1; its words weigh as they are rare.

        It is the BM25 score over the highest that any text could reach. A word that no text holds counts as missed: a
        question in another language than the texts, of which they can hold little but names, gets low shares throughout.
        """
        asked = tokens(question)
        known = [token for token in asked if token in self._vocabulary]
        if not known:
            return np.zeros(self._size, np.float32)
        found = np.array([self._frequencies[self._vocabulary[token]] for token in known] + [0] * (len(asked) - len(known)))
        most = np.log(1 + (self._size - found + 0.5) / (found + 0.5)).sum()
        return np.asarray(self._index.get_scores(known) / most, np.float32)


def _tokens(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        word = match[0]
        if match["paired"]:
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        else:
            yield word[:STEM]
