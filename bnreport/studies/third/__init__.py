"""Third editions: each module has the name of the study whose `later` holds what it defines.

Begin with `speed`. It asks again what the second edition answered by other runs than its words
said; what both share it takes from there. May import what studies may.
"""
