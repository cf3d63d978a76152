"""The published data: tables, claims and runs, what each column means, and a check of it all.

Begin with `package.data_files`; `dictionary` describes the columns, and `formulas` say
how the numbers that judge come from the runs.
"""
