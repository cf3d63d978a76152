"""Batch normalization, explained and measured: studies, records, verdicts and the report site."""

__version__ = "0.1.0"
