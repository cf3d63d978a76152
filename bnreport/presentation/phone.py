"""Decide what fits the column of text on a phone; the rest takes another form there."""

from collections.abc import Sequence

# Pixels: the column of a page that is 360 wide, a letter of a table, and the room beside a cell.
COLUMN, LETTER, PADDING = 328, 8.2, 12.0
# The width of a capital or a digit in such letters, and of a letter in a head, which is bold.
BROAD, BOLD = 1.2, 1.12
# A narrower column of words is a ladder, and so is a cell of more lines. A head breaks wherever it
# can: numbers below it are what is compared.
LEAST, LINES, HEAD_LINES = 12, 5, 4
# A cell that begins so is a number, which stays on one line.
NUMBERS = tuple("0123456789+−<≥.[")


def fits(head: Sequence[str], rows: Sequence[Sequence[str]], text: bool = False) -> bool:
    """Say whether a table fits, its words and its numbers whole; otherwise its rows become cards.

    Args:
        head: the heads of its columns.
        rows: its cells, a row for each of its rows.
        text: whether numbers, too, may break between their words.
    """
    columns = zip(*rows, strict=True)
    widths = (
        max([BOLD * _head(name), *(_least(cell, text) for cell in column)])
        for name, column in zip(head, columns, strict=True)
    )
    return sum(PADDING + LETTER * width for width in widths) <= COLUMN


def numeric(rows: Sequence[Sequence[str]], text: bool = False) -> list[bool]:
    """Say which columns hold numbers: where half of the cells that say something are numbers.

    What else such a column says, as "none", stands at the right as well.
    """
    columns = ([cell for cell in column if cell.strip("–")] for column in zip(*rows, strict=True))
    shares = ((sum(cell.startswith(NUMBERS) for cell in cells), len(cells)) for cells in columns)
    return [not text and 0 < many <= 2 * numbers for numbers, many in shares]


def _head(name: str) -> float:
    """The letters of a line of a head that is as narrow as it can be."""
    return max([_wide(name) / HEAD_LINES, *map(_wide, name.split())])


def _least(cell: str, text: bool) -> float:
    """The letters of a line of a cell that is as narrow as it can be."""
    if not text and cell.startswith(NUMBERS):
        return _wide(cell)
    longest = max(map(_wide, cell.split()), default=0.0)
    return max(longest, min(_wide(cell), LEAST), _wide(cell) / LINES)


def _wide(word: str) -> float:
    return len(word) + (BROAD - 1) * sum(sign.isupper() or sign.isdigit() for sign in word)
