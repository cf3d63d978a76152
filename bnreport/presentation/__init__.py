"""Hold what a page shows, as values: tables, figures, numbers as text. Nothing is drawn here.

Begin with `tables.Analysis`; `plots` are what `figures` draws. May import `statistics`.
"""
