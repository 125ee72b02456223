"""The float32 PyTorch model that the exported files are checked against."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from training.tasks import TASKS
from training.tokenise import Batch
from training.weights import read_config, read_tensors


class ExitRamp(nn.Module):
    """Pooler over ([CLS] state, mean state of the real tokens), tanh, one classifier per task."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.pooler = nn.Linear(2 * hidden, hidden)
        self.classifiers = nn.ModuleDict({task.key: nn.Linear(hidden, len(task.labels)) for task in TASKS})

    def forward(self, hidden_state: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the concatenated logits [batch, classes] of a hidden state [batch, tokens, hidden] float32."""
        mask = attention_mask.unsqueeze(-1).to(hidden_state.dtype)
        mean = (hidden_state * mask).sum(1) / mask.sum(1)
        pooled = torch.tanh(self.pooler(torch.cat([hidden_state[:, 0], mean], dim=-1)))
        return torch.cat([self.classifiers[task.key](pooled) for task in TASKS], dim=-1)


class ReferenceModel(nn.Module):
    """`transformers.BertModel` in float32 with an exit ramp after every layer."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        self.exit_ramps = nn.ModuleList(ExitRamp(config.hidden_size) for _ in range(config.num_hidden_layers))

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the raw logits [batch, layers, classes] float32 of token ids [batch, tokens] int64."""
        states = self.bert(
            input_ids=input_ids,
            token_type_ids=token_type_ids,
            attention_mask=attention_mask,
            output_hidden_states=True,
        ).hidden_states
        ramps = zip(self.exit_ramps, states[1:], strict=True)
        return torch.stack([ramp(state, attention_mask) for ramp, state in ramps], dim=1)

    @torch.inference_mode()
    def logits(self, batch: Batch) -> np.ndarray:
        """Return the raw logits [batch, layers, classes] float32 of a padded batch."""
        ids, types, mask = (
            torch.from_numpy(array).long() for array in (batch.input_ids, batch.token_type_ids, batch.attention_mask)
        )
        return self(ids, types, mask).numpy()


def load_reference(folder: Path) -> ReferenceModel:
    """Load the weights folder in float32, for inference.

    Raises ValueError for another architecture and RuntimeError for missing or unexpected tensors.
    """
    config = BertConfig(**{key: value for key, value in read_config(folder).items() if key != "torch_dtype"})
    model = ReferenceModel(config)
    tensors = {
        name if name.startswith("exit_ramps.") else f"bert.{name}": torch.from_numpy(array)
        for name, array in read_tensors(folder).items()
    }
    model.load_state_dict(tensors, strict=True)
    return model.eval()
