"""The structure of a residual net refuses what makes no sense."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bnreport.protocol.nets import Net
from bnreport.protocol.residual import Residual


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"hidden": (10,)}, "either filters or hidden"),
        ({"filters": ()}, "either filters or hidden"),
        ({"start": "zero gamma", "normalizer": "none"}, "a normalizer for start='zero gamma'"),
        ({"start": "skipinit"}, "none for 'skipinit'"),
        ({"start": "fixup", "normalizer": "group"}, "none for 'skipinit' and 'fixup'"),
        ({"start": "fixup", "normalizer": "none", "shortcut": "none"}, "shortcuts"),
        ({"normalizer": "group", "groups": 3}, "3 groups part"),
        ({"blocks": 0}, "greater than 0"),
        ({"filters": (8, 0)}, "greater than 0"),
        ({"dropout": 0.5}, "dropout"),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Residual.model_validate(fields)


@pytest.mark.parametrize(
    ("net", "depth", "branches"),
    [
        (Residual(), 20, 9),
        (Residual(blocks=9), 56, 27),
        (Residual(filters=(), hidden=(100,), blocks=100), 202, 100),
    ],
)
def test_depth_counts_the_layers_with_kernels(net: Residual, depth: int, branches: int) -> None:
    assert (net.depth, net.branches) == (depth, branches)


@pytest.mark.parametrize("net", [Net(), Residual(), Residual(normalizer="none", start="fixup")])
def test_a_net_of_either_kind_comes_back_from_json(net: Net | Residual) -> None:
    adapter: TypeAdapter[Net | Residual] = TypeAdapter(Net | Residual)
    again = adapter.validate_json(net.model_dump_json())
    assert (type(again), again) == (type(net), net)
