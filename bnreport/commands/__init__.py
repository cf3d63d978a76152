"""Carry out what the command line asks: build the site, publish it, say why, begin a study.

Begin with `build.build`: the whole flow in one function. May import what stands below it.
"""
