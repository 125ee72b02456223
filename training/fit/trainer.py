"""The training loop: steps, evaluations, checkpoints."""

import time
from pathlib import Path
from typing import Any

import torch

from training.data.glue import SHARED_ROWS
from training.data.prepared import Prepared
from training.data.tokenise import pad
from training.fit.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from training.fit.config import shares_of_layers
from training.fit.descent import Descent
from training.fit.epoch_plan import PlannedBatch, plan_epoch
from training.fit.evaluation import exit_accuracies
from training.fit.noisy_rows import twice, with_masked_words
from training.fit.objective import alternating_weights, ladder_loss, passes_apart
from training.fit.progress import Progress
from training.fit.recycled_dropout import drop_in_body
from training.fit.run_folder import write_results
from training.fit.training_config import TrainingConfig
from training.model.reference import ReferenceModel

_PRECISIONS = {"float32": torch.float32, "bf16": torch.bfloat16}


class Trainer:
    """Trains a model in place and writes into the run folder.

    With the same model, inputs, thread count and package versions, a run that was killed and resumed, however often,
    gives the same bytes as one that was not.
    """

    def __init__(
        self, model: ReferenceModel, prepared: Prepared, config: TrainingConfig, identity: dict[str, Any], out: Path
    ) -> None:
        """Prepare step 0. `identity` is what a checkpoint must agree with to be resumed."""
        self._model = model.train()
        model.bert.requires_grad_(not config.frozen_body)
        if config.frozen_words:
            model.bert.embeddings.word_embeddings.requires_grad_(False)
        if config.body_dropout:
            drop_in_body(model.bert, config.body_dropout, _PRECISIONS[config.precision])
        self._prepared = prepared
        self._config = config
        self._identity = identity
        self._out = out
        parts = {model.bert: 1.0, model.exit_ramps: config.ramp_rate}
        self._descent = Descent(parts, config.weight_decay, config.gradient_norm)
        self._weights = torch.tensor(shares_of_layers(config.exit_weights, len(model.exit_ramps)))
        self._epoch_steps = len(plan_epoch(prepared.train, config, 0))
        self._steps = self._epoch_steps * config.epochs
        self._last_step = min(self._steps, config.last_step or self._steps)
        self._step = 0
        self._curve: list[dict[str, Any]] = []

    def resume(self) -> None:
        """Go back to the run folder's checkpoint. Raises as `read_checkpoint` does."""
        checkpoint = read_checkpoint(self._out, self._identity)
        self._model.load_state_dict(checkpoint.model)
        self._descent.optimiser.load_state_dict(checkpoint.optimiser)
        torch.set_rng_state(checkpoint.random_state)
        self._step, self._curve = checkpoint.step, checkpoint.curve

    def run(self) -> None:
        """Train to the end, evaluating and writing the weights after every epoch.

        Raises FloatingPointError where the loss is no finite number.
        """
        progress = Progress(self._last_step)
        saved = time.monotonic()
        while self._step < self._last_step:
            epoch, position = divmod(self._step, self._epoch_steps)
            for planned in plan_epoch(self._prepared.train, self._config, epoch)[position:]:
                rate = self._config.rate(self._step, self._steps)
                tokens, loss = self._train(planned, rate)
                progress.step(self._step, epoch, tokens, loss, rate)
                self._step += 1
                if self._step == self._last_step:
                    break
                if self._step % self._epoch_steps and time.monotonic() - saved >= self._config.checkpoint_seconds:
                    self._save()
                    saved = time.monotonic()
            self._finish_epoch(epoch)
            saved = time.monotonic()

    def _train(self, planned: PlannedBatch, rate: float) -> tuple[int, float]:
        """Take one step; return the batch's real tokens and its loss."""
        rows = self._prepared.train[planned.task]
        batch = pad([rows.encoded(row) for row in planned.rows], planned.rows)
        consistency = self._config.consistency.get(planned.task, 0)
        if consistency:
            batch = twice(batch)
        if masked := self._config.masked_words.get(planned.task, 0):
            batch = with_masked_words(batch, masked)
        gold = torch.from_numpy(rows.gold[batch.rows]).long()
        weights = alternating_weights(self._weights, self._step) if self._config.alternating else self._weights
        tasks, shared_weight = [planned.task], self._config.shared_rows_weight
        if shared_weight and planned.task in SHARED_ROWS:
            other, labels = SHARED_ROWS[planned.task]
            tasks.append(other)
        with self._autocast():
            own, *shared = self._model.tasks_logits(batch, tasks, self._config.gradient_equilibrium)
        loss = ladder_loss(own.float(), gold, weights, self._config)
        if consistency:
            loss = loss + consistency * passes_apart(own.float(), weights)
        for logits in shared:
            loss = loss + shared_weight * ladder_loss(logits.float(), torch.tensor(labels)[gold], weights, self._config)
        self._descent.step(self._step, loss, rate)
        return int(batch.attention_mask.sum()), loss.item()

    def _finish_epoch(self, epoch: int) -> None:
        with self._autocast():
            accuracies = exit_accuracies(self._model, self._prepared.calibration)
        self._curve.append({"epoch": epoch + 1, "step": self._step, "accuracy": accuracies})
        write_results(self._out, self._model, self._identity, self._prepared.about, self._curve)
        self._save()

    def _save(self) -> None:
        write_checkpoint(
            self._out,
            Checkpoint(
                step=self._step,
                identity=self._identity,
                model=self._model.state_dict(),
                optimiser=self._descent.optimiser.state_dict(),
                random_state=torch.get_rng_state(),
                curve=self._curve,
            ),
        )

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self._config.precision == "bf16")
