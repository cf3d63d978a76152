"""Grade how hard a text is to read."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
# Where a sentence ends: a mark, then a space and a new beginning.
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9])")
_VOWELS = re.compile(r"[aeiouy]+")


def grade(paragraphs: Sequence[str]) -> float:
    """The Flesch-Kincaid grade: the years of school that a text asks of its reader.

    0.39 words a sentence + 11.8 syllables a word - 15.59. Syllables are counted as groups of
    vowels, without a silent e.
    Source: Kincaid, Fishburne, Rogers and Chissom 1975, Naval Technical Training Command, Research
    Branch Report 8-75.

    Raises:
        ValueError: when there is no word.
    """
    sentences = [part for text in paragraphs for part in _END.split(text) if _WORD.search(part)]
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if not words:
        raise ValueError("Expected a text with words. Received: none.")
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    letters = word.lower()
    syllables = len(_VOWELS.findall(letters))
    silent = letters.endswith("e") and not letters.endswith(("le", "ee")) and syllables > 1
    return max(1, syllables - silent)
