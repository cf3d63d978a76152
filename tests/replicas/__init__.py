"""Tests of the programs in `replicas/`: where their library is installed, and nowhere else."""
