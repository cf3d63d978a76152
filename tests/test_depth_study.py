"""What the page on deep nets says of their steps and rates."""

from bnreport.studies.depth.values import all_values, edges


def test_an_epoch_counts_its_last_batch_which_is_a_part_of_one() -> None:
    # 20,000 images are 156 batches of 128 and 32 images.
    assert all_values()["steps"].text == "157"


def test_nets_at_either_end_of_the_grid_are_named_and_others_are_not() -> None:
    assert edges({("relu", "std"): {2: 0.03, 30: 0.003}, ("sigmoid", "raw"): {2: 1.0}}) == (
        "Of the judged nets these train at an end of the grid: ReLU with standardized inputs at "
        "30 layers (0.003), sigmoid with raw pixels at 2 layers (1)."
    )
    assert edges({("tanh", "bn"): {2: 0.03, 10: 0.3}}) == "No net trains at an end of the grid."
