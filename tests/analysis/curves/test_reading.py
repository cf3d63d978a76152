"""What is read of a log is what was printed, and what cannot be read is refused with its place."""

import json
import math
import time

import pytest

from bnreport.analysis.curves import reading
from bnreport.analysis.curves.reading import METRICS, PrintedRun, read
from bnreport.errors import DataError
from tests import printouts

EPOCHS = ((0.6904, 0.7692, 0.5013, 0.8304), (0.4829, 0.8314, 0.4335, 0.853), (0.4414, 0.9, 0.4, 1))


def one(text: str) -> PrintedRun:
    (curve,) = read(text, "log.txt")
    return curve


def refused(text: str, name: str = "log.txt") -> str:
    with pytest.raises(DataError) as caught:
        read(text, name)
    assert str(caught.value).startswith(name)
    assert "Expected" in str(caught.value)
    assert "Received" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("form", printouts.FORMS)
def test_every_form_is_read_back(form: str) -> None:
    curve = one(printouts.FORMS[form](EPOCHS))
    assert curve.metrics == METRICS
    assert curve.epochs == EPOCHS
    assert curve.first == 1
    printed = form not in {"history", "said", "table"}
    assert curve.planned == (3 if printed else None)
    steps = {"oldest": 55_000}.get(form, 1719)
    assert curve.steps == (steps if printed else None)
    assert curve.notes == ()


@pytest.mark.parametrize("form", ["keras_2_lines", "keras_3_bar", "keras_2_bar"])
def test_a_cell_that_ran_twice_is_two_runs(form: str) -> None:
    text = printouts.FORMS[form]
    first, second = read(text(EPOCHS) + "\n" + text(EPOCHS[1:] + EPOCHS[:1]), "log.txt")
    assert first.epochs == EPOCHS
    assert second.epochs == EPOCHS[1:] + EPOCHS[:1]
    assert first.place.startswith("line 2 to")


def test_a_table_that_is_appended_to_is_two_runs() -> None:
    text = printouts.table(EPOCHS)
    both = text + text.partition("\n")[2]
    assert [curve.epochs for curve in read(both, "log.csv")] == [EPOCHS, EPOCHS]


def test_a_table_may_count_from_one_or_not_at_all_and_has_other_delimiters() -> None:
    counted = one("epoch;loss;acc\n1;0.5;0.9\n2;0.4;0.95\n")
    assert (counted.first, counted.epochs) == (1, ((0.5, 0.9), (0.4, 0.95)))
    assert one("\tloss\tlr\n0\t0.5\tx\n1\t0.4\tx\n").epochs == ((0.5,), (0.4,))
    on = one("epoch,loss\n10,0.5\n11,0.4\n")
    assert (on.first, on.epochs) == (11, ((0.5,), (0.4,)))


def test_pasted_lines_without_a_head_are_an_epoch_each() -> None:
    text = printouts.keras_2_lines(EPOCHS)
    bare = "\n".join(line for line in text.split("\n") if not line.startswith("Epoch"))
    assert one(bare).epochs == EPOCHS
    assert one(bare).planned is None


def test_what_callbacks_print_between_is_left_alone() -> None:
    text = printouts.keras_2_lines(EPOCHS).replace(
        "\nEpoch 2/3",
        "\n\nEpoch 1: val_loss improved from inf to 0.50130, saving model to x\nEpoch 2/3",
    )
    assert one(text).epochs == EPOCHS


def test_an_epoch_that_was_not_finished_is_left_out_and_said() -> None:
    text = printouts.keras_2_lines(EPOCHS) + "\nEpoch 4/4\n 12/1719 [>...] - ETA: 1s - loss: 0.1"
    text = text.replace("/3\n", "/4\n")
    curve = one(text)
    assert curve.epochs == EPOCHS
    assert curve.notes == ("Epoch 4 was not finished, and is left out.",)


def test_no_accuracy_and_seldom_validation() -> None:
    curve = one("Epoch 1/2\n9/9 - 1s - loss: 0.5\nEpoch 2/2\n9/9 - 1s - loss: 0.4 - val_loss: 0.3")
    assert curve.metrics == ("loss",)
    assert curve.epochs == ((0.5,), (0.4,))
    assert curve.notes == ("Not every epoch prints val_loss, which is left out.",)
    assert curve.steps == 9


def test_numbers_that_are_none_stay_so() -> None:
    curve = one("Epoch 1/1\n9/9 - 1s - loss: nan - accuracy: 0.1000 - val_loss: inf")
    assert math.isnan(curve.epochs[0][0])
    assert curve.epochs[0][1] == 0.1
    assert math.isnan(one('{"loss": [NaN, 1.0]}').epochs[0][0])
    assert math.isnan(one("{'loss': [nan, np.float32(1.0)]}").epochs[0][0])
    assert one("{'loss': [nan, np.float32(1.0)]}").epochs[1] == (1.0,)


@pytest.mark.parametrize("number", ["1.1e30", "1e155", "1e308", "9" * 30 + "e9"])
def test_a_loss_above_its_limit_has_no_end_in_every_form(number: str) -> None:
    line = f"Epoch 1/1\n9/9 - 1s - loss: {number}"
    history = json.dumps({"loss": [float(number)]})
    for text in (line, printouts.notebook(("", line)), f"epoch,loss\n0,{number}", history):
        assert one(text).epochs == ((math.inf,),)
    assert one("epoch,loss\n0,1e30").epochs == ((1e30,),)


def test_a_table_may_begin_again_where_it_began_or_later() -> None:
    runs = read("epoch,loss\n5,1\n6,0.9\n5,0.8\n6,0.7\n6,0.6\n", "log.csv")
    assert [(run.first, len(run.epochs)) for run in runs] == [(6, 2), (6, 2), (7, 1)]


def test_small_numbers_have_exponents_and_all_are_rounded_as_printed() -> None:
    assert one('{"loss": [6.7e-05, 0.12344999, 2]}').epochs == ((0.0001,), (0.1234,), (2.0,))


def test_a_notebook_is_read_with_the_code_of_each_run() -> None:
    made = "model = Sequential([Dense(300)])\nmodel.compile(SGD(lr=1e-3))"
    other = "Sequential([BatchNormalization(), Dense(3)])\nSGD(learning_rate=0.5)"
    printed = printouts.keras_3_bar(EPOCHS)
    book = printouts.notebook((made, ""), ("model.fit(x, y)", printed), (other, printed))
    first, second = read(book, "my.ipynb")
    assert (first.net, first.rate, first.epochs) == ("baseline", 0.001, EPOCHS)
    assert (second.net, second.rate, second.epochs) == ("bn", 0.5, EPOCHS)
    assert first.place.startswith("cell 3, line 2 of its output to cell 3")


def test_the_net_of_one_run_is_not_that_of_the_next_but_the_rate_stays() -> None:
    printed = printouts.keras_2_lines(EPOCHS)
    first, second = read(f"BatchNormalization()\nSGD(lr=0.5)\n{printed}\n{printed}", "log.txt")
    assert [(run.net, run.rate) for run in (first, second)] == [("bn", 0.5), ("", 0.5)]


@pytest.mark.parametrize("before", ["[INFO] training\n", "[a](b)\n", "{'a': 1}\n", "[1/2]\r\n"])
def test_what_is_printed_may_begin_with_a_bracket(before: str) -> None:
    assert one(before + printouts.keras_2_lines(EPOCHS)).epochs == EPOCHS


@pytest.mark.parametrize(
    ("code", "rate"),
    [
        ("1e-3)", 0.001),
        ("0.5, x", 0.5),
        ("1e999)", None),
        ("0.1e)", None),
        ("1000)", 1000),
        ("1e99)", None),
        ("0.0)", None),
    ],
)
def test_a_rate_is_read_whole_or_not_at_all(code: str, rate: float | None) -> None:
    assert one(f"SGD(lr={code}\n{printouts.keras_2_lines(EPOCHS)}").rate == rate


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("", "log.txt:", "nothing of the kind"),
        ("no epochs at all", "log.txt:", "nothing of the kind"),
        ("Epoch -1/10\n", "log.txt, line 1:", "from 1 on. Received: Epoch -1/10."),
        ("\nEpoch 0/10\n", "log.txt, line 2:", "Received: Epoch 0/10."),
        ("Epoch 1/3\n9/9 - 1s - loss: 1\nEpoch 3/3\n", "log.txt, line 3:", "Expected epoch 2,"),
        ("Epoch 1/3\n9/9 - 1s - loss: x1\n", "log.txt, line 2:", "a number. Received: x1."),
        ("Epoch 1/3\n9/9 - 1s - loss: -0.5\n", "log.txt, line 2:", "zero or more"),
        ("Epoch 1/3\n9/9 - 1s - loss: 1 - acc: 87.1\n", "log.txt, line 2:", "from 0 to 1"),
        ("epoch,loss\n-1,0.5\n", "log.txt, line 2:", "Received: -1."),
        ("epoch,loss\n0,0.5\n5,0.4\n", "log.txt, line 3:", "Expected epoch 1,"),
        ("epoch,loss\n9,0.5\n8,0.6\n", "log.txt, line 3:", "Received: epoch 8 below epoch 9. Sort"),
        ("epoch,loss\n2,0.5\n1,0.6\n", "log.txt, line 3:", "Received: epoch 1 below epoch 2. Sort"),
        ("epoch,loss\n1,0.5\n0,0.6\n", "log.txt, line 3:", "Received: epoch 0 below epoch 1. Sort"),
        ("epoch,loss\n2,1\n0,1\n1,1\n", "log.txt, line 3:", "from the first epoch to the last"),
        ("epoch,loss\n0,\n", "log.txt, line 2:", "Expected a number"),
        ('{"loss": [1, 2], "accuracy": [0.5]}', "log.txt:", "loss of 2, accuracy of 1"),
        ('{"loss": 3}', "log.txt:", "without a list"),
        ('{"loss": ["a"]}', "log.txt, epoch 1, loss:", "Received: a."),
        ('{"loss": [true]}', "log.txt, epoch 1, loss:", "Received: true."),
        ('{"loss": [[1]]}', "log.txt, epoch 1, loss:", "a number. Received: a list."),
        ('{"loss": [{"a": 1}]}', "log.txt, epoch 1, loss:", "a number. Received: a dict."),
        ('{"accuracy": [87]}', "log.txt, epoch 1, accuracy:", "Received: 87. Divide"),
        ('{"loss":\n [1', "log.txt:", "Look at line 2."),
        ("[1, 2]", "log.txt:", "no dictionary"),
        ("[" * 100_000, "log.txt:", "JSON"),
        ('{"cells": 3}', "log.txt:", "no list of cells"),
        ('{"cells": [3]}', "log.txt, cell 1:", "no cell"),
        ('{"cells": [{"cell_type": "code", "outputs": 1}]}', "log.txt, cell 1:", "no list of out"),
        ('{"cells": [{"cell_type": "code", "outputs": [1]}]}', "log.txt, cell 1:", "no output"),
        ('{"cells": [{"cell_type": "code", "source": 1}]}', "log.txt, cell 1:", "no text"),
        ('{"worksheets": []}', "log.txt:", "version 4"),
        ('{"cells": []}', "log.txt:", "nothing of the kind"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_with_its_place(
    text: str, where: str, words: str
) -> None:
    told = refused(text)
    assert told.startswith(where), told
    assert words in told


def test_what_a_stranger_wrote_is_repeated_in_part() -> None:
    told = refused("Epoch 1/3\n9/9 - 1s - loss: " + "x" * 39 + "\n")
    assert "x" * 39 in told
    assert len(refused('{"loss": ["' + "<b>" * 1000 + '"]}')) < 200


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "Epoch 1/1\n9/9 - 1s - loss: 1\n"
    assert len(read(line * 20, "log.txt")) == 20
    assert "at most 20 runs" in refused(line * 21)
    assert "at most 20 runs" in refused(json.dumps([{"loss": [1]}] * 21))
    monkeypatch.setitem(reading.LIMITS, "epochs", 5)
    assert len(one(json.dumps({"loss": [1] * 5})).epochs) == 5
    assert "at most 5 epochs of a run" in refused(json.dumps({"loss": [1] * 6}))
    assert "at most 5 epochs of a run" in refused("loss,\n" + "1,\n" * 6)
    assert "at most 5 epochs of a run" in refused("9/9 - 1s - loss: 1\n" * 6)


def test_a_log_of_fifty_megabytes_is_refused_at_once_and_the_largest_is_read() -> None:
    begun = time.process_time()
    assert "at most 20,000,000 characters. Received: 50,000,000." in refused("x" * 50_000_000)
    assert time.process_time() - begun < 2
    bar = "\b" * 100 + "  77/1719 [>.........] - ETA: 2s - loss: 0.5000 - accuracy: 0.8000"
    text = "Epoch 1/1\n" + bar * 20_000 + "\n1719/1719 - 1s - loss: 0.25"
    begun = time.process_time()
    assert one(text).epochs == ((0.25,),)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("sign", ["\x1b[", "1/", "- 1", "loss: ", "lr=", "Epoch 1", "é", "\b", "{"])
def test_no_line_takes_long_however_odd(sign: str) -> None:
    begun = time.process_time()
    refused(sign * 200_000)
    refused("9/9 - 1s " + sign * 200_000 + "!")
    assert time.process_time() - begun < 3
