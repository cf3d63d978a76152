"""Say what the columns of each published table mean."""

from collections.abc import Mapping

from bnreport.pages.data.columns import (
    ACCURACY,
    DIVERGED,
    NATS,
    RUN,
    SEED,
    STUDY,
    TRIAL,
    Column,
    columns,
)

# The accuracies of a run after its last step, by their names in `scores.final_scores`.
SCORES: Mapping[str, Column] = {
    f"{by}_{part}": Column(
        f"{by}_{part}_accuracy",
        "number",
        f"after the last step on all {whole} images, {how}; empty where it was not taken, or where "
        "the run diverged",
        ACCURACY,
    )
    for part, whole in (("val", "validation"), ("test", "test"))
    for by, how in (
        ("deployed", "in inference mode, by the moving averages of BN"),
        (
            "fresh",
            "by statistics of training images; a net that keeps none has the same as deployed",
        ),
    )
}

# What identifies a run, and how it was made.
RUNS = (
    RUN,
    STUDY,
    TRIAL,
    SEED,
    *columns(
        ("tuning", "boolean", "whether the run only chose a setting; it judges nothing"),
        (
            "kind",
            "string",
            "train, recipe (training of the second edition), timing, toy (least squares), bench or "
            "facts (of Keras)",
        ),
        ("profile", "string", "full, or quick, which judges nothing"),
    ),
    DIVERGED,
    *SCORES.values(),
    *columns(
        ("early_loss", "number", "mean loss of the twentieth step's batch, if there is one", NATS),
        ("seconds", "number", "what the run took; its share, if it trained beside others", "s"),
        ("lanes", "integer", "how many runs trained together in one program"),
        ("threads", "integer", "threads of the process"),
        ("backend", "string", "what Keras ran on"),
        ("device", "string", "the processor"),
        ("commit", "string", "the commit of the code that trained it"),
    ),
)

# The fields of the trials, by name. An empty cell: the kind of trial has no such field, or None.
TRIALS: Mapping[str, Column] = {
    column.name: column
    for column in columns(
        ("net", "string", "baseline or bn, the notebook's nets; empty: see the columns of net_"),
        ("learning_rate", "number", "the rate of plain SGD, or the height of a recipe's schedule"),
        ("epochs", "integer", "epochs of training"),
        ("batch_size", "integer", "images a batch; the last one of an epoch may be smaller"),
        ("replay_after", "integer", "epoch replay_after + e sees the batches of epoch e again"),
        ("score_epochs", "array", "epochs after which each validation and test image is marked"),
        (
            "inputs",
            "string",
            "raw: pixels over 255; undivided: from 0 to 255; std: each pixel standardized, "
            "centred: centered, scaled: divided by its standard deviation; with -scalar by one "
            "number for all pixels",
        ),
        ("split", "string", "validation images: the notebook's, or drawn by the seed"),
        ("images", "integer", "training images, chosen by the seed; empty: all"),
        ("data", "string", "of a recipe: the name of its data set"),
        ("shifts", "boolean", "of a recipe: whether training images move by a pixel at most"),
        (
            "turns",
            "object",
            "of a recipe: how training images of a second kind are changed, and whether every "
            "second batch has them or every second place of a batch",
        ),
        (
            "order",
            "string",
            "fresh batches each epoch, the first epoch's again (fixed), its "
            "batches in a new order (fixed batches), batches of one class, or images sorted by "
            "class",
        ),
        ("kernel_scale", "number", "what the initial kernels are multiplied by"),
        ("scaled", "string", "which kernels: all, or those of hidden layers"),
        (
            "softmax",
            "string",
            "of a recipe: taken once, in the loss, or twice, in the net and in the loss",
        ),
        (
            "bars",
            "boolean",
            "of a recipe: whether the history has what progress bars of Keras 3.8 to 3.10 print",
        ),
        (
            "micro_batch",
            "integer",
            "of a recipe: images in each part in which a step takes its batch, if any",
        ),
        ("start", "string", "kernels as drawn, or scaled so that outputs have unit variance"),
        ("momentum", "number", "of the moving averages of batch normalization"),
        ("noise", "number", "strength of the noise after batch normalization, in noisy nets"),
        ("weight_decay", "number", "the squared kernels times this are added to the loss"),
        ("evaluated", "array", "the parts of the images evaluated after every epoch"),
        ("checks", "array", "the names of the checks; checks.csv describes them"),
        (
            "optimizer",
            "object",
            "of a recipe: the rule, and its numbers where they are not Keras' defaults; "
            "weight_decay is decoupled and shrinks kernels alone",
        ),
        ("schedule", "object", "of a recipe: constant or linear, and the share of warm-up"),
        ("classes", "array", "of a recipe: the classes that the net knows; none: all"),
        ("start_recipe", "object", "of a recipe: that of the run whose weights it begins with"),
        ("head", "string", "of such a start: whether the output layer is drawn anew or kept"),
        ("frozen", "array", "of such a start: patterns of the layers that do not change"),
        (
            "statistics",
            "string",
            "of a recipe: whether BN normalizes by batches while it trains, or as its start does",
        ),
        (
            "averages",
            "array",
            "of a recipe: moving averages beside that of momentum 0.99; corrected ones without "
            "what is left of their start",
        ),
        ("nets", "array", "the nets that are timed"),
        ("rounds", "integer", "how often each time is taken, in turn with the others"),
        ("structures", "object", "the structure of timed nets that are not the notebook's"),
        ("batch_sizes", "array", "the batch sizes that are timed, where there are several"),
        ("dimensions", "integer", "the toy's number of weights"),
        ("condition", "number", "the toy's largest eigenvalue divided by its smallest"),
        ("rates", "array", "the toy's learning rates, one for each row of toy.csv"),
        ("steps", "integer", "the toy's steps at each rate"),
        ("part", "string", "the part of the benchmark, or of the facts"),
        ("sizes", "array", "the benchmark's numbers of runs"),
        ("apart", "boolean", "whether the benchmark's contenders have processes of their own"),
        ("facts", "array", "the names of the facts that are found"),
        ("facts_backend", "string", "what Keras runs on while the facts are found"),
        ("net_hidden", "array", "units of each hidden dense layer"),
        ("net_filters", "array", "filters of each convolution of 3 by 3, with pooling of 2 by 2"),
        ("net_activation", "string", "activation function of hidden layers"),
        ("net_initializer", "string", "what draws the initial kernels"),
        (
            "net_normalizer",
            "string",
            "none, batch, layer, group, ghost, noisy (batch, then noise), or weight (standardized "
            "kernels)",
        ),
        ("net_normalized_inputs", "boolean", "whether batch normalization stands on the pixels"),
        ("net_placement", "string", "normalizer before or after the activation"),
        ("net_groups", "integer", "images in each part of a ghost batch; or groups of channels"),
        ("net_epsilon", "number", "what the normalizer adds to the variance"),
        ("net_dropout", "number", "share of units that is dropped"),
        ("net_dropout_after", "string", "dropout after every block, or after the last"),
        ("net_kind", "string", "residual: net_hidden and net_filters are those of its stages"),
        ("net_blocks", "integer", "of a residual net: blocks a stage, each of two layers"),
        ("net_shortcut", "string", "of a residual net: identity, or none, as in a plain net"),
        (
            "net_start",
            "string",
            "of a residual net: blocks begin as drawn, or as the identity (zero gamma, skipinit, "
            "fixup)",
        ),
    )
}
# Fields of other meaning than a column that has the name already.
RENAMED = {
    ("facts", "backend"): "facts_backend",
    ("recipe", "measures"): "checks",
    ("recipe", "start"): "start_recipe",
}

CLAIMS = columns(
    ("id", "string", "the claim's name"),
    ("study", "string", "the study that judges it"),
    ("edition", "integer", "the edition of the study that the claim belongs to, from 1"),
    ("page", "string", "where it stands on the site, from the site's root"),
    ("label", "string", "a short name for figures, as it was frozen, if there is one"),
    ("label_shown", "string", "the short name in the words of the site"),
    ("question", "string", "the question that it answers"),
    ("statement", "string", "the claim, as it was frozen"),
    ("source", "string", "the paper or text that makes the claim"),
    ("kind", "string", "difference, equivalence (within the margin on either side), fit (do "
     "printed numbers fit our runs?) or exact (an identity)"),
    ("scale", "string", "linear; ratio: judged on natural logarithms and published as ratios"),
    ("unit", "string", "of effect, low, high, margin and detectable; pp: percentage points, x: a "
     "ratio"),
    ("margin", "number", "the least effect that the claim asks for; of an equivalence the widest, "
     "of an identity the largest error"),
    ("metric", "string", "what is compared"),
    ("arms", "string", "what it is compared between"),
    ("seeds", "string", "the seeds that judge, in words"),
    ("formula", "string", "how its values come from the runs, in the language of metrics.py; null "
     "where settings have their own, of an identity, and where the language cannot say it"),
    ("rule", "string", "the rule of judgment, as it was frozen"),
    ("decided", "string", "what gives the word: tests, or one interval, at a level that its family "
     "shares"),
    ("score", "string", "how nets with BN are scored: fresh (by statistics of training images) or "
     "deployed (by moving averages); null where the claim names no one way"),
    ("known", "string", "what was known of the answer when the claim was written, by its frozen "
     "word; null where the claim does not say"),
    ("known_shown", "string", "the same as the site says it: a claim frozen as new is not, if a "
     "pilot had trained nets that it compares"),
    ("known_corrected", "string", "when and why it was corrected; else null"),
    ("centre", "string", "what of the pairs an interval that decides is about: mean, or median"),
    ("amended", "string", "when and why the claim was added after first runs; else null"),
    ("expected", "string", "the verdict that was expected when the claim was frozen"),
    ("verdict", "string", "the word that the frozen rule gives: supported, not supported, mixed or "
     "underpowered; not judged in the quick profile"),
    ("reversed", "boolean", "not supported, with the whole interval below zero in every setting"),
    ("shown", "string", "the verdict in the words of the site: what qualifies or corrects it"),
    ("statement_shown", "string", "the statement in the words of the site"),
    ("published", "string", "the verdict as it was shown before it was corrected; else null"),
    ("corrected", "string", "when and why it was corrected; else null"),
    ("setting", "string", "of several settings the one whose numbers follow: the largest p, "
     "and of equal ones the smallest effect"),
    ("effect", "number", "the mean difference, the median where runs were lost, or the ratio; of a "
     "fit the largest absolute z, of an identity the largest error"),
    ("low", "number", "lower end of the interval; null: none, or unbounded"),
    ("high", "number", "upper end of the interval; null: none, or unbounded"),
    ("interval", "string", "how the interval was made: t (over seeds or rounds), seeds and images "
     "(crossed), or median, sign test (where runs were lost)"),
    ("level", "number", "how often such an interval covers the true effect"),
    ("p", "number", "before Holm's adjustment; of a fit its rank p; null where an interval "
     "decides"),
    ("p_value", "number", "after Holm's adjustment over the family; of a fit its rank p; null "
     "where an interval decides"),
    ("family", "integer", "how many claims share the level of 5%: by Holm's adjustment, or "
     "equally where an interval decides"),
    ("together", "string", "the name of these claims, their family"),
    ("n", "integer", "pairs of seeds, rounds of a timing, runs of a fit, checks of an identity"),
    ("diverged", "integer", "pairs that hold a diverged run"),
    ("censored", "integer", "pairs that hold a run which never reached what is measured"),
    ("detectable", "number", "of a difference: the effect that so many seeds, with their spread, "
     "find with a power of 80% at a level of .05 over family (noncentral t); seeds alone"),
    ("offset", "integer", "of a fit: by how many epochs the runs are shifted"),
    ("rms", "number", "of a fit: root of the mean squared z"),
    ("settings", "array", "one object for each setting of a claim on several: its verdict, alone "
     "and by Bonferroni (p times family times its settings), and its numbers; p is not adjusted"),
)  # fmt: skip

VALUES = (
    Column("claim", "string", "the claim, as in claims.json"),
    Column("setting", "string", "the setting; empty where the claim speaks of no several"),
    Column("pair", "integer", "counts the pairs of a claim and setting from 1"),
    Column("seed", "integer", "the seed of the pair; empty where rounds of a timing are paired"),
    Column(
        "value",
        "number",
        "the paired difference that judged, in the claim's unit; a natural logarithm where its "
        "scale is ratio; INF or -INF where one run of the pair never arrived, 0 where neither did; "
        "of a fit how far the run lies from all others, as the largest absolute z",
    ),
)

IMAGES = (
    Column("claim", "string", "the claim, as in claims.json"),
    Column("setting", "string", "the setting; empty where the claim speaks of no several"),
    Column("images", "integer", "how many images each seed scored"),
    Column("images_square", "number", "the mean square of images, of differences in the unit"),
    Column("rest_square", "number", "the mean square that seeds and images leave, in the unit"),
)

HISTORY = {
    column.name: column
    for column in (
        RUN,
        TRIAL,
        SEED,
        Column("net", "string", "the name of the net, or names; empty: see net_ in runs.csv"),
        Column("learning_rate", "number", "the learning rate; in toy.csv another in each row"),
        Column(
            "epoch", "integer", "the epoch, the round of a timing, or the place of a toy's rate"
        ),
        DIVERGED,
    )
}


CHECKS = (
    STUDY,
    TRIAL,
    *columns(
        ("check", "string", "the check's name"),
        (
            "kind",
            "string",
            "score: loss and accuracy; scoring: the same by several statistics of BN; moves: how "
            "statistics drift; slopes: norms of gradients; rotations: lengths and angles of the "
            "rows of kernels; averaged: scores of averaged weights; probe: something else",
        ),
        ("part", "string", "of a score: the images that are scored; of a scoring in its settings"),
        (
            "mode",
            "string",
            "of a score: inference (moving averages), batch (statistics of batches of the trial's "
            "size), or precise (fresh statistics, of training images)",
        ),
        ("probe", "string", "of a probe: what it measures; probes.csv describes it"),
        ("images", "integer", "the first so many images; empty: all, or a probe's next batch"),
        (
            "precise_images",
            "integer",
            "training images that give fresh statistics, of mode precise or in a scoring",
        ),
        (
            "settings",
            "object",
            "of a probe: its settings; of a scoring: the statistics (by), parts, and what is done "
            "to the images (change); of moves: the windows in steps; of rotations: how many steps "
            "follow a mark; of averaged weights: over how many steps (span), how often (every), "
            "the momentum, and parts",
        ),
        ("steps", "array", "the numbers of steps after which it measures; 0 is the start"),
    ),
)

MEASURES = (
    RUN,
    *columns(
        ("step", "integer", "how many steps the run had taken"),
        ("check", "string", "the check, as in checks.csv"),
        ("what", "string", "what it found, as in probes.csv"),
        ("position", "integer", "from 0: the layer, or what probes.csv says; empty: one number"),
        ("value", "number", "what was found; empty where the run had diverged"),
    ),
)

PROBES = columns(
    ("probe", "string", "what measures; score for loss and accuracy"),
    ("what", "string", "the number"),
    ("description", "string", "what it is"),
    ("position", "string", "what the positions count; empty: one number"),
)

PRINTED = columns(
    ("net", "string", "baseline or bn"),
    ("epoch", "integer", "the printed epoch, from 1; empty for what was printed at the end"),
    ("metric", "string", "loss, accuracy, val_loss, val_accuracy, seconds (of the epoch), or at "
     "the end test_accuracy and runtime (seconds of the call of fit)"),
    ("value", "number", "as it was printed: losses in nats, accuracies as shares, seconds"),
)  # fmt: skip
