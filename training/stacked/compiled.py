"""Functions of tensors that are compiled for an accelerator, and run as they are on a CPU."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import torch
from torch import Tensor

_P = ParamSpec("_P")
_R = TypeVar("_R")
# Training and measuring, one member and several, each want code of their own; PyTorch gives up after 8 by default.
_VARIANTS = 64


def compiled_on_cuda(function: Callable[Concatenate[Tensor, _P], _R]) -> Callable[Concatenate[Tensor, _P], _R]:
    """Return the function, compiled for any shape at the first call whose first argument lies on an accelerator."""

    @functools.cache
    def compiled() -> Callable[Concatenate[Tensor, _P], _R]:
        torch._dynamo.config.cache_size_limit = _VARIANTS
        return torch.compile(function, dynamic=True)

    @functools.wraps(function)
    def chosen(first: Tensor, *others: _P.args, **named: _P.kwargs) -> _R:
        return (compiled() if first.is_cuda else function)(first, *others, **named)

    return chosen
