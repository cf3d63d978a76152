"""Curves that a reader brings: read what was printed, and lay it over the band of recorded runs.

`reading` makes runs of a file's text, `band` holds what our own runs printed, `judging` says which
stories fit, and `telling` says it in words; `scoring` counts how often they are mistaken, and
`shown` makes tables of it. All of it is pure. A script in the reader's browser reads, judges and
tells alike: what it must know is handed over as data.
"""
