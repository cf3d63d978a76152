"""Whether a formula holds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from tests.latex.arithmetic import compared, equal
from tests.latex.reader import Chain, Line, Statement, computed, lines, tokens
from tests.latex.setting import Setting, UnreadableError, Value

# How near a bound must be reached, and how far apart what is proportional must be.
NEAR, APART = 1e-3, 1.1
BOUNDS = {"<", ">", r"\le", r"\ge"}

Sides: TypeAlias = Sequence[tuple[Value, Value]]


def value(tex: str, setting: Setting, side: int) -> Value:
    """What a side of a formula of one statement comes to, counted from the left or the right."""
    ((chain,),) = [statement for line in lines(tex) for statement in line.statements]
    return computed(chain.sides[side], setting)


def holds(tex: str, settings: Sequence[Setting]) -> bool:
    """Whether a formula says the truth in all settings, and not too little.

    Raises:
        UnreadableError: for LaTeX that the reader does not know, or a name without a value.
    """
    words = {match[0] for match in tokens(tex)}
    indices = {letter for setting in settings for letter in setting.each}
    # A formula that has lost its index says less.
    return indices <= words and all(_line_holds(line, settings) for line in lines(tex))


def _line_holds(line: Line, settings: Sequence[Setting]) -> bool:
    if not line.conditions:
        return all(_holds(statement, settings) for statement in line.statements)
    true: list[Setting] = []
    false: list[Setting] = []
    for setting in settings:
        meant = all(chain.true(setting) for (chain,) in line.conditions)
        (true if meant else false).append(setting)
    # A condition that rules out what is true says too little.
    return (
        bool(true and false)
        and all(_holds(statement, true) for statement in line.statements)
        and not any(all(_holds(one, [setting]) for one in line.statements) for setting in false)
    )


def _holds(statement: Statement, settings: Sequence[Setting]) -> bool:
    cases = [case for setting in settings for case in setting.cases()]
    if len(statement) > 1:
        truths = {tuple(chain.true(case) for chain in statement) for case in cases}
        return truths == {(True,) * len(statement), (False,) * len(statement)}
    (chain,) = statement
    sides = [[computed(side, case) for side in chain.sides] for case in cases]
    for case, found in zip(cases, sides, strict=True):
        if case.whole is None and not chain.relations:
            raise UnreadableError("Expected a relation, or a value for the whole.")
        if case.whole is not None and not all(equal(one, case.whole, case) for one in found):
            return False
    return all(
        _related(relation, _pairs(chain, at, cases, sides), cases)
        for at, relation in enumerate(chain.relations)
    )


def _pairs(
    chain: Chain, at: int, cases: Sequence[Setting], sides: Sequence[Sequence[Value]]
) -> Sides:
    """What stands left and right of a relation, in each case."""
    if chain.relations[at] != r"\leftarrow":
        return [(found[at], found[at + 1]) for found in sides]
    after = [replace(case, values={**case.values, **case.after}) for case in cases]
    return [
        (computed(chain.sides[at], case), found[at + 1])
        for case, found in zip(after, sides, strict=True)
    ]


def _related(relation: str, pairs: Sides, cases: Sequence[Setting]) -> bool:
    if relation == r"\propto":
        lefts, rights = np.array(pairs, np.float64).T
        if not rights.max() > APART * rights.min() > 0:
            return False
        return np.allclose(lefts / rights, lefts[0] / rights[0], rtol=cases[0].about, atol=0.0)
    everywhere = all(
        compared(relation, left, right, case)
        for case, (left, right) in zip(cases, pairs, strict=True)
    )
    # A bound that is never nearly reached says too little.
    return everywhere and (
        relation not in BOUNDS
        or any(np.allclose(left, right, rtol=NEAR, atol=NEAR) for left, right in pairs)
    )
