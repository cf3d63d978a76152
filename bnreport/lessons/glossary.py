"""Glossary."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "glossary",
    "Glossary",
    "The words of this site, one or two sentences each.",
)
