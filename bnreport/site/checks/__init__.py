"""Check a finished site: its words, links, pictures, scripts, files and the notebook.

Begin with `gate.check`. Each module yields the faults of one kind.
"""
