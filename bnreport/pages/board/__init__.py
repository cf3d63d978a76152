"""Show every claim in one line, folded by question, with what scripts need to filter and judge.

Begin with `view.board`, which a page asks; `values` is what a reader's margin is judged by.
"""
