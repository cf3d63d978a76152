"""The rules of judgement in words, as the cards of the claims print them; `judge` applies them."""

DIFFERENCE = (
    "Supported when the two-sided p of the sign-flip test over all pairs, adjusted by Holm over "
    "the study's claims, is below .05, the 95% interval lies above zero and its mean reaches the "
    "margin. Not supported when the interval lies below the margin. Otherwise, or with fewer than "
    "12 pairs, underpowered."
)
LOST = (
    " With diverged runs, which count as chance, or runs that never arrive, the sign test and the "
    "interval of the median judge."
)
SETTINGS = (
    " The claim must hold in every setting: its p is the largest, and it is mixed when one setting "
    "supports it and another does not."
)
EQUIVALENCE = (
    "Supported when two one-sided t tests, adjusted by Holm over the study's claims, refuse a mean "
    "outside the margin on either side (p below .05). Not supported when the 95% interval lies "
    "outside the margin. Otherwise, or with fewer than 12 pairs, underpowered."
)
EXACT = "Supported when the largest error over all checks is at most the tolerance."
SEEDS_ONLY = " The interval covers the seeds, which also draw the images."
SEEDS_AND_IMAGES = " The interval covers the seeds and the images; p covers the seeds."
