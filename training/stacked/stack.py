"""The parameters of a stack's members in one flat buffer, with named views for a pass."""

import copy
import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from training.stacked.model import LadderShape, parameter_shapes

# Matrices begin at a multiple of so many elements, where an accelerator reads them fastest.
_ALIGNMENT = 64


class Stack:
    """Several members' parameters: `values` [members, all of a member's, padded] float32."""

    def __init__(self, shape: LadderShape, first: Mapping[str, Tensor], members: int, device: torch.device) -> None:
        """Start from a copy of `first`: named and shaped as `parameter_shapes` tells, [members, …] or [1, …]."""
        self._shapes = parameter_shapes(shape)
        expanded = {name: first[name].expand(members, *wanted) for name, wanted in self._shapes.items()}
        self.values = self.flat(expanded).float().to(device)

    def __len__(self) -> int:
        return len(self.values)

    def views(self, dtype: torch.dtype, learning: bool = False) -> dict[str, Tensor]:
        """Return the parameters by name, [members, …] each, in `dtype`; leaves of a graph where `learning`."""
        parts = self.values.to(dtype).split([_aligned(wanted) for wanted in self._shapes.values()], dim=1)
        views = {}
        for (name, wanted), part in zip(self._shapes.items(), parts, strict=True):
            view = part[:, : math.prod(wanted)].view(len(self), *wanted).detach()
            views[name] = view.requires_grad_(learning)
        return views

    def flat(self, parts: Mapping[str, Tensor]) -> Tensor:
        """Return tensors named and shaped like the views, such as their gradients, laid out like `values`."""
        padded = []
        for name, wanted in self._shapes.items():
            part = parts[name].reshape(len(parts[name]), -1)
            padded.append(functional.pad(part, (0, _aligned(wanted) - part.shape[1])))
        return torch.cat(padded, dim=1)

    def by_parameter(self, value_of: Callable[[str, tuple[int, ...]], float]) -> Tensor:
        """Return one number for each of a member's elements, from its parameter's name and shape."""
        parts = [torch.full((_aligned(wanted),), value_of(name, wanted)) for name, wanted in self._shapes.items()]
        return torch.cat(parts).to(self.values.device)

    def means(self, groups: Sequence[Sequence[int]]) -> "Stack":
        """Return a new stack with a member for each group of this one's: the mean of their parameters."""
        means = copy.copy(self)
        means.values = torch.stack([self.values[list(group)].mean(dim=0) for group in groups])
        return means


def _aligned(wanted: tuple[int, ...]) -> int:
    return -(-math.prod(wanted) // _ALIGNMENT) * _ALIGNMENT
