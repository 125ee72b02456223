"""Dropout from a reservoir of masks."""

from pathlib import Path

import pytest
import torch

from training.fit.recycled_dropout import RecycledDropout, drop_in_body
from training.model.reference import load_reference


def test_dropout_drops_its_share_and_keeps_the_mean(weights: Path) -> None:
    torch.manual_seed(3)
    model = load_reference(weights).train()
    drop_in_body(model.bert, 0.25)
    dropout = model.bert.encoder.layer[0].output.dropout
    assert isinstance(dropout, RecycledDropout)
    state = torch.ones(200, 1000)
    dropped, again = dropout(state), dropout(state)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    assert not torch.equal(dropped, again)
    assert torch.equal(dropout.eval()(state), state)


def test_dropout_says_when_a_batch_is_too_large() -> None:
    with pytest.raises(ValueError, match="at most 8 elements, got 9; lower batch_rows"):
        RecycledDropout(torch.ones(8)).train()(torch.ones(9))
