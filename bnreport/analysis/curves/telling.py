"""Say in words what a printed curve may be, what to look at first, and what else is odd about it.

The sentences are data: the script of the piece fills in the same ones.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bnreport.analysis.curves.band import EPOCHS, Band, Story
from bnreport.analysis.curves.judging import Fitted, Floats, lost_at, z_of
from bnreport.analysis.curves.reading import LIMITS, PrintedRun

# What to ask before any curve is blamed on a net.
CHECKLIST: tuple[tuple[str, str], ...] = (
    (
        "Was the net rebuilt?",
        "Each call of `fit` goes on with the weights that the model has. Run the cell that builds "
        "the net before the cell that trains it.",
    ),
    (
        "Was it shuffled?",
        "`fit` shuffles arrays. It does not shuffle a `tf.data.Dataset`, a generator, or anything "
        "with `shuffle=False`.",
    ),
    (
        "Were the pixels divided by 255?",
        "Print `x.min()` and `x.max()`; ours lie between 0 and 1.",
    ),
    (
        "Is there one softmax?",
        "With a softmax in the net, `from_logits=True` takes it twice.",
    ),
    (
        "Are the numbers from the History, or from a progress bar?",
        "The bars of TensorFlow 2.4 and of Keras 3 before 3.11 lag behind. Give `history.history`.",
    ),
    (
        "Which Keras was it?",
        "From 2.11 on, Keras 2 ignored the old argument `lr`, and SGD trained at 0.01.",
    ),
    (
        "Which images validate?",
        "Ours are the first 5,000 of the 60,000 images of Fashion-MNIST; the others train, in "
        "batches of 32.",
    ),
)
NETS = {"baseline": "without BN", "bn": "with BN"}
LABELS = {
    "fresh": "fresh",
    "continued": "continued",
    "replayed": "replayed",
    "bar": "older progress bar",
    "undivided": "pixels not divided",
    "softmax": "softmax twice",
    "sorted": "sorted",
}
PHRASES = {
    "fresh": "a fresh run {net} at a rate of {rate}",
    "continued": "a second call of fit {net} at a rate of {rate} on new batches",
    "replayed": "a second call of fit {net} at a rate of {rate} on the batches of the first",
    "bar": "a fresh run {net} at a rate of {rate} under an older progress bar",
    "undivided": "a run {net} at a rate of {rate} on pixels from 0 to 255",
    "softmax": "a run {net} at a rate of {rate} with the softmax taken twice",
    "sorted": "a run {net} at a rate of {rate} on images sorted by class",
}
ADVICE = {
    "fresh": "Print float(model.optimizer.learning_rate).",
    "continued": "Rebuild the net before each call of fit.",
    "replayed": "Rebuild the net before each call of fit.",
    "bar": "Look at history.history, or print with verbose=2.",
    "undivided": "Print the largest pixel before the first epoch.",
    "softmax": "Take the softmax out of the net, or from_logits=True out of the loss.",
    "sorted": "Shuffle the images, and look at the validation accuracy.",
}
TITLES = {
    "healthy": "It looks like a healthy run",
    "open": "Healthy or not: these numbers fit both",
    "stories": "It fits another story",
    "validation": "Only its validation fits",
    "none": "It fits none of our stories",
    "diverged": "Its {lost}",
}
# What an epoch lost, and how.
LOST = {
    "loss": "loss",
    "accuracy": "accuracy",
    "val_loss": "validation loss",
    "val_accuracy": "validation accuracy",
}
HOW = {"none": "is not a number", "large": f"is above {LIMITS['loss']:.0e}".replace("+", "")}
SAID = {
    "healthy": "These numbers look like {first}: {as_far} of our {n} such runs lie as far from the "
    "others.",
    "besides": " Our runs cannot distinguish that from {others}.",
    "open": "These numbers fit {first}, but our runs cannot distinguish that from {others}.",
    "stories": "It could be {all}: {as_far} of our {n} such runs lie as far from the others, and "
    "no healthy run{meant} does.",
    "meant": " at a rate of {rate}",
    "unknown": "It could be {all}: {as_far} of our {n} such runs lie as far from the others. At a "
    "rate of {rate} we have no runs.",
    "validation": "All numbers together fit none of our stories, but those of validation fit "
    "{all}. So the numbers of training are odd. Which progress bar printed them?",
    "none": "The closest is {nearest}, and none of our {n} such runs lies as far from the others. "
    "If your net, images, batches, rate or optimizer are not ours, that is no fault, and our runs "
    "say nothing about it.",
    "diverged": "In epoch {epoch} the {lost}, as where a net diverges. Of our stories this "
    "happens in {all}: in {count} of {n} runs. A rate that is too large does it, too.",
    "none diverged": "In epoch {epoch} the {lost}, as where a net diverges, which happens in none "
    "of our runs {net}. A rate that is too large does it, and so does a NaN among the inputs.",
    "no share": "In epoch {epoch} the {lost}, which happens in none of our runs. An accuracy is a "
    "share of images and always a number: look at what wrote the log.",
    "steps": "Your epochs have {steps} steps, and ours 1,719, of 55,000 images in batches of 32. "
    "Compare with care.",
}
# Steps of an epoch of ours, and its images, which the oldest Keras counts.
STEPS = (1719, 55_000)


@dataclass(frozen=True)
class Telling:
    """A verdict in words.

    Attributes:
        title: the finding.
        sentence: what is said of it.
        advice: what to look at, for each story that may be true and is not healthy.
        notes: what else is odd about the log.
    """

    title: str
    sentence: str
    advice: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def phrase(story: Story) -> str:
    """A story as part of a sentence."""
    words = {"net": NETS[story.net], "rate": plain(story.rate)}
    return PHRASES[story.kind].format_map(words)


def label(story: Story) -> str:
    """A story as the head of a row."""
    return LABELS[story.kind] + (f", {plain(story.rate)}" if story.kind == "fresh" else "")


def plain(rate: float) -> str:
    """A learning rate without an exponent."""
    return np.format_float_positional(rate, trim="-")


def either(names: Sequence[str]) -> str:
    """Names in a row: "A, B or C"."""
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def tell(
    curve: PrintedRun, verdict: Fitted, band: Band, net: str = "", rate: float | None = None
) -> Telling:
    """Say a verdict in words.

    Args:
        curve: what was judged.
        verdict: what came out.
        band: what it was laid over.
        net: "baseline", "bn", or "" where that is not known.
        rate: the learning rate that was meant, or None.
    """
    notes = curve.notes
    if curve.steps is not None and curve.steps not in STEPS:
        notes += (SAID["steps"].format_map({"steps": f"{curve.steps:,}"}),)
    title = TITLES[verdict.outcome]
    if place := lost_at(curve):
        return replace(_diverged(curve, place, band, net), notes=notes)
    stories = verdict.fitting + verdict.possible
    by_story = {entry.story: entry for entry in verdict.compared}
    nearest = verdict.compared[0]
    first = next((s for s in stories if s in verdict.honest or verdict.outcome != "healthy"), None)
    closest = by_story[first] if first is not None else nearest
    words = {
        "first": phrase(closest.story),
        "others": either([phrase(story) for story in stories if story != first]),
        "all": either([phrase(story) for story in stories]),
        "nearest": phrase(nearest.story),
        "as_far": str(closest.as_far),
        "n": str(closest.n),
        "rate": "" if rate is None else plain(rate),
        "meant": "",
    }
    outcome = verdict.outcome
    if outcome == "stories" and not verdict.honest:
        outcome = "unknown"
    elif rate is not None:
        words["meant"] = SAID["meant"].format_map(words)
    sentence = SAID[outcome].format_map(words)
    if outcome == "healthy" and len(stories) > 1:
        sentence += SAID["besides"].format_map(words)
    odd = [story for story in stories if story not in verdict.honest]
    advice = [ADVICE[story.kind] for story in odd]
    advice += [ADVICE["fresh"] for story in odd if rate not in {None, story.rate}]
    return Telling(title, sentence, tuple(dict.fromkeys(advice)), notes)


def _diverged(curve: PrintedRun, place: tuple[int, int], band: Band, net: str) -> Telling:
    """Say what was lost, and which of our runs diverge."""
    epoch, at = place
    how = HOW["large" if math.isinf(curve.epochs[epoch][at]) else "none"]
    words: dict[str, object] = {
        "lost": f"{LOST[curve.metrics[at]]} {how}",
        "epoch": curve.first + epoch,
        "net": NETS.get(net, "at all"),
    }
    title = TITLES["diverged"].format_map(words)
    if curve.metrics[at].endswith("accuracy"):
        return Telling(title, SAID["no share"].format_map(words))
    for story, (count, n) in band.diverged.items():
        if count and net in {"", story.net}:
            words |= {"all": phrase(story), "count": count, "n": n}
            return Telling(title, SAID["diverged"].format_map(words), (ADVICE[story.kind],))
    return Telling(title, SAID["none diverged"].format_map(words))


def beside(verdict: Fitted) -> tuple[Story, ...]:
    """The stories that a curve is shown beside: the healthy one that was meant, and the closest."""
    closest = [entry.story for entry in verdict.compared[:1]]
    return tuple(dict.fromkeys([*verdict.honest[:1], *closest]))


def z_by_epoch(curve: PrintedRun, verdict: Fitted, band: Band, story: Story) -> Floats:
    """The distance of each number from the runs of a story, (epochs, metrics)."""
    called = curve.first - 1 or curve.planned or EPOCHS
    window = band.window(story, curve.metrics, verdict.epochs, called)
    numbers = np.array(curve.epochs)[: verdict.epochs].ravel()
    return z_of(numbers, window.numbers).reshape(verdict.epochs, -1)


# What a script fills in.
WORDS: Mapping[str, object] = {
    "nets": NETS,
    "labels": LABELS,
    "phrases": PHRASES,
    "advice": ADVICE,
    "titles": TITLES,
    "lost": LOST,
    "how": HOW,
    "said": SAID,
    "steps": STEPS,
}
