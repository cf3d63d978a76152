"""Train what no record answers: here, in processes, or on a cluster; verify; execute the notebook.

Begin with `orchestrate.train`; `scheduler` hands groups of runs out, `local` and `cluster` take
them, and `worker.perform` trains one. May import `benchmark`, `analysis`, `training`, `records` and
what stands below it.
"""
