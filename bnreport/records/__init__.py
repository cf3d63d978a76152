"""Finished runs on disk: a record, its file, its provenance, and whether it still holds.

Begin with `store.read`; `record.Record` is one run, `layout.Layout` says where files lie,
`provenance` and `agreement` whether records are those of today's code. May import `protocol` and
`machine`.
"""
