"""From records to verdicts: a study, the numbers of its records, the judge, the report.

Begin with `report.report_study`; `judge.judge` decides a verdict, `metrics` takes numbers out of
records, `study.Study` is what a study file defines. NumPy and SciPy only; may import `records`,
`presentation`, `statistics` and `protocol`, never training.
"""
