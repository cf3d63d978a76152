"""Second editions: each module has the name of the study whose `later` holds what it defines.

Begin with `speed`. It says anew what a study asks, trains and shows, by other claims on other
seeds; the module of the first edition stays as it is, but for naming it. May import what studies
may.
"""
