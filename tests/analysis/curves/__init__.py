"""Tests of what reads a reader's curve and judges it."""
