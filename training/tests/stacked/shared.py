"""What several test files of this room share."""

import torch

CPU = torch.device("cpu")
