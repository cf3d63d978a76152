"""The published data: tables, claims and runs, what each column means, and a check of it all.

Begin with `package.data_files`; `dictionary` describes the columns, and `recompute` is a script of
its own that readers run.
"""
