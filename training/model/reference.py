"""The PyTorch model: trained by `training.train`, and what the exported files are checked against."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from training.data.rows import read_tasks
from training.data.tasks import Task
from training.data.tokenise import Batch
from training.model.attention import BATCHED_ATTENTION
from training.model.exit_ramp import new_ramp
from training.model.gradient_equilibrium import balanced
from training.model.weights import WEIGHTS_FILE, ramp_heads, read_config, read_tensors


class ReferenceModel(nn.Module):
    """`transformers.BertModel` in float32 with an exit ramp after every layer; dropout in the ramps only."""

    def __init__(
        self, config: BertConfig, tasks: Sequence[Task], ramp_dropout: float = 0.0, ramp_heads: int = 0
    ) -> None:
        """Make a random model; `ramp_heads`: of attention pooling, 0 for the ramps that training starts with."""
        super().__init__()
        self.tasks = tuple(tasks)
        config._attn_implementation = BATCHED_ATTENTION
        self.bert = BertModel(config, add_pooling_layer=False)
        layers, hidden = config.num_hidden_layers, config.hidden_size
        self.exit_ramps = nn.ModuleList(new_ramp(hidden, tasks, ramp_heads, ramp_dropout) for _ in range(layers))

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the raw logits [batch, layers, classes] float32 of token ids [batch, tokens] int64."""
        ramps = zip(self.exit_ramps, self._states(input_ids, token_type_ids, attention_mask), strict=True)
        return torch.stack([ramp(state, attention_mask) for ramp, state in ramps], dim=1)

    def task_logits(self, batch: Batch, task: str, gradient_equilibrium: bool = False) -> Tensor:
        """Return one task's raw logits [batch, layers, labels] of a padded batch, with their gradients."""
        return self.tasks_logits(batch, (task,), gradient_equilibrium)[0]

    def tasks_logits(self, batch: Batch, tasks: Sequence[str], gradient_equilibrium: bool = False) -> list[Tensor]:
        """Return the same of several tasks, whose classifiers read one climb of the rows."""
        ids, types, mask = _tensors(batch)
        states = self._states(ids, types, mask)
        ramps = zip(self.exit_ramps, balanced(states) if gradient_equilibrium else states, strict=True)
        exits = [ramp.tasks_logits(state, mask, tasks) for ramp, state in ramps]
        return [torch.stack(logits, dim=1) for logits in zip(*exits, strict=True)]

    @torch.inference_mode()
    def logits(self, batch: Batch) -> np.ndarray:
        """Return the raw logits [batch, layers, classes] float32 of a padded batch."""
        return self(*_tensors(batch)).numpy()

    def _states(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """The hidden state after each layer, without the embeddings' own."""
        output = self.bert(input_ids=ids, token_type_ids=types, attention_mask=mask, output_hidden_states=True)
        return output.hidden_states[1:]


def _tensors(batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    ids, types, mask = (
        torch.from_numpy(array).long() for array in (batch.input_ids, batch.token_type_ids, batch.attention_mask)
    )
    return ids, types, mask


def load_reference(folder: Path) -> ReferenceModel:
    """Load the weights folder in float32, for inference.

    Raises ValueError for another architecture and RuntimeError for missing or unexpected tensors.
    """
    model = ReferenceModel(bert_config(folder), read_tasks(folder), ramp_heads=ramp_heads(folder))
    load_tensors(model, folder)
    return model.eval()


def bert_config(folder: Path, **changes: object) -> BertConfig:
    """Return config.json of a folder with some fields replaced. Raises ValueError for another architecture."""
    return BertConfig(**{key: value for key, value in read_config(folder).items() if key != "torch_dtype"} | changes)


def load_tensors(model: ReferenceModel, folder: Path, ramps: bool = True, file: str = WEIGHTS_FILE) -> None:
    """Fill the model from a folder's weights file: body and exit ramps, or the body alone of a bare encoder.

    Of a bare encoder, BERT's own pooler and the position ids that older files hold are passed over. Raises
    RuntimeError for missing or unexpected tensors.
    """
    tensors = {name: torch.from_numpy(array) for name, array in read_tensors(folder, file).items()}
    if ramps:
        named = {name if name.startswith("exit_ramps.") else f"bert.{name}": value for name, value in tensors.items()}
        model.load_state_dict(named, strict=True)
        return
    unused = ("pooler.", "embeddings.position_ids")
    model.bert.load_state_dict({n: v for n, v in tensors.items() if not n.startswith(unused)}, strict=True)


def stored_tensors(model: ReferenceModel) -> dict[str, Tensor]:
    """Return the tensors as model.safetensors names and stores them: contiguous float16."""
    return {
        name.removeprefix("bert."): value.to(torch.float16).contiguous() for name, value in model.state_dict().items()
    }
