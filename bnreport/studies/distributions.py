"""What do the numbers inside a trained net look like, before and after batch normalization?

A picture, with no claim and no verdict.
"""

from bnreport.arms import ARMS, arm
from bnreport.study import SEEDS, Runs, Study
from bnreport.trials import Probe

EPOCHS = 5
STEPS_OF_EPOCH = 1719
# Before the first step and after the last one.
SPREAD = Probe(
    name="spread", steps=(0, EPOCHS * STEPS_OF_EPOCH), probe="distribution", images=2_000
)

RUNS = tuple(
    Runs(
        arm(
            of,
            learning_rate=0.01,
            epochs=EPOCHS,
            split="seed",
            evaluated=("val",),
            checks=(SPREAD,),
        ),
        # Nothing is judged here; three seeds show how much a picture depends on the seed.
        full=SEEDS[:3],
    )
    for of in ARMS
)

STUDY = Study(
    name="distributions",
    title="Inside a net",
    page="studies/distributions.md",
    chapter="Mechanisms",
    question="What do the numbers inside a net look like, before and after batch normalization?",
    runs=RUNS,
)
