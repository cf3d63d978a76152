"""What the page on deep nets says of their steps."""

from bnreport.studies.depth import STEPS


def test_an_epoch_counts_its_last_batch_which_is_a_part_of_one() -> None:
    # 20,000 images are 156 batches of 128 and 32 images.
    assert STEPS == 157
