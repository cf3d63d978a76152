"""Third editions: each module has the name of the study whose `later` holds what it defines.

Begin with `speed`. They ask again what an earlier edition answered by other runs than its words
said, or by an argument; what they share with it they take from there. May import what studies may.
"""
