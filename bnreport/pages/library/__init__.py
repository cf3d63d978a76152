"""Explain the words of a page: works, glossary, formulas, excerpts, errata, citation.

Begin with `view.LibraryView`, which a page asks.
"""
