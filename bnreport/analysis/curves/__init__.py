"""Curves that a reader brings: read what was printed, and lay it over the band of recorded runs.

`reading` makes runs of a file's text, `band` holds what our own runs printed, `judging` says which
stories fit, and `telling` says it in words. All of it is pure, and a script in the reader's browser
does the same: what it must know is handed over as data.
"""
