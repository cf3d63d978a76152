"""The grade of a text is computed by hand for a few words."""

import pytest

from bnreport.site.checks.readability import grade


def test_the_grade_of_a_short_text_is_computed_by_hand() -> None:
    # Two sentences, six words, seven syllables: the e of "made" is silent, that of "table" is not.
    assert grade(["We made one. It is a table."][:1]) == pytest.approx(
        0.39 * 7 / 2 + 11.8 * 8 / 7 - 15.59
    )


def test_paragraphs_end_sentences_and_colons_do_not() -> None:
    assert grade(["We go", "We go"]) == grade(["We go. We go."])
    assert grade(["We go: We go."]) > grade(["We go. We go."])


def test_a_number_is_no_word_and_its_point_no_end() -> None:
    assert grade(["We saw 0.5 of it."]) == grade(["We saw of it."])


def test_a_text_without_words_has_no_grade() -> None:
    with pytest.raises(ValueError, match="Expected a text with words"):
        grade(["1.5", ""])
