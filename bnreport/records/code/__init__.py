"""Say which code made a record, and whether today's code does the same.

Begin with `executed.digests`: a digest follows from the definitions that a run executes, wherever
they lie. `ancestry` links the digests of former commits, which `history` asks git for.
"""
