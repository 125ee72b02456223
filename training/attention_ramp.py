"""A stronger exit ramp, for training.study alone: attention pooling in place of the mean."""

import torch
from torch import Tensor, nn

from training.reference import ExitRamp, ReferenceModel


class AttentionRamp(ExitRamp):
    """An exit ramp that weighs the real tokens by softmax(state . query) with a learned `query` [hidden].

    The scores are not divided by the square root of the width: a query that starts at zero and learns at a fine-tuning
    rate for some hundred steps would then stay near the mean.
    """

    def __init__(self, ramp: ExitRamp) -> None:
        """Take over a ramp's own pooler and classifiers; with the query at zero the logits are the ramp's."""
        super().__init__(ramp.pooler.out_features)
        self.pooler, self.dropout, self.classifiers = ramp.pooler, ramp.dropout, ramp.classifiers
        self.query = nn.Parameter(torch.zeros(ramp.pooler.out_features))

    def _summary(self, hidden_state: Tensor, attention_mask: Tensor) -> Tensor:
        scores = (hidden_state @ self.query).masked_fill(attention_mask == 0, float("-inf"))
        return (torch.softmax(scores, dim=-1).unsqueeze(-1) * hidden_state).sum(1)


def pool_by_attention(model: ReferenceModel) -> None:
    """Replace every ramp of the model, in place."""
    model.exit_ramps = nn.ModuleList(AttentionRamp(ramp) for ramp in model.exit_ramps)
