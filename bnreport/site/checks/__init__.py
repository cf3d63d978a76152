"""What must be true of a finished site: words, links, pictures, scripts, files, the notebook.

Begin with `gate.check`. Each module yields the faults of one kind.
"""
