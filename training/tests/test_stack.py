"""Members side by side against one model alone: logits, weights files, losses, optimiser steps and plans."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from training.objective import ladder_loss
from training.prepared import read_prepared
from training.reference import ReferenceModel, bert_config, load_reference, load_tensors, stored_tensors
from training.stacked.adamw import BETAS, EPSILON, GRADIENT_NORM, WEIGHT_DECAY, StackedAdamW
from training.stacked.config import Recipe, StackConfig, StudentConfig, TeacherConfig, read_stacked_config
from training.stacked.evaluation import class_probabilities, exit_accuracies, predicted_logits
from training.stacked.loss import stacked_loss
from training.stacked.model import Disturbance, ladder_logits
from training.stacked.rows import (
    Pool,
    RowTable,
    batches_by_length,
    drawn_rows,
    joined,
    plan_steps,
    row_table,
    task_pools,
)
from training.stacked.stack import Stack
from training.stacked.trainer import StackTrainer
from training.stacked.weights import read_ladder, start_from_encoder, start_from_weights, stored_parameters
from training.tasks import TASKS, class_slices
from training.tests.tiny import LAYERS
from training.tokenise import pad
from training.training_config import TrainingConfig

CPU = torch.device("cpu")
RECIPES = Path(__file__).resolve().parents[1] / "recipes"

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def calibration(prepared: Path) -> RowTable:
    """The table of the tiny calibration rows."""
    return row_table(read_prepared(prepared).calibration, 0.5, CPU)


def _reference_logits(folder: Path, prepared: Path) -> np.ndarray:
    rows = [row for split in read_prepared(prepared).calibration.values() for row in split.all_encoded()]
    return load_reference(folder).logits(pad(rows, list(range(len(rows)))))


def test_every_member_has_the_logits_of_the_model_alone(weights: Path, prepared: Path, calibration: RowTable) -> None:
    ladder = read_ladder(weights, CPU)
    stack = Stack(ladder.shape, start_from_weights(weights, weights), 2, CPU)
    rows = np.random.default_rng(1).permutation(len(calibration))
    found = predicted_logits(stack, ladder, calibration, rows, slice(None)).float().numpy()
    expected = _reference_logits(weights, prepared)[rows]
    assert np.abs(expected).max() > 1
    for member in found:
        np.testing.assert_allclose(member, expected, atol=5e-3)


def test_first_weights_are_the_encoders_and_are_stored_under_its_names(
    encoder: Path, weights: Path, prepared: Path, calibration: RowTable, tmp_path: Path
) -> None:
    ladder = read_ladder(encoder, CPU)
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 3, seed=5), 3, CPU)
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((encoder / name).read_bytes())
    stored = [
        stored_parameters({name: value[member] for name, value in stack.views(torch.float32).items()}, encoder)
        for member in range(3)
    ]
    model = ReferenceModel(bert_config(encoder))
    load_tensors(model, encoder, ramps=False)
    expected = stored_tensors(model)
    assert {name: value.shape for name, value in stored[1].items()} == {n: v.shape for n, v in expected.items()}
    for name, value in stored[1].items():
        assert value.dtype == torch.float16 and value.is_contiguous()
        assert name.startswith("exit_ramps.") or torch.equal(value, expected[name])
    ramp = "exit_ramps.0.pooler.weight"
    assert not torch.equal(stored[0][ramp], stored[1][ramp])
    save_file(stored[1], tmp_path / "model.safetensors")
    found = predicted_logits(stack, ladder, calibration, np.arange(len(calibration)), slice(None))[1]
    np.testing.assert_allclose(found.float().numpy(), _reference_logits(tmp_path, prepared), atol=5e-3)


def test_weights_come_back_as_they_went(weights: Path) -> None:
    stack = Stack(read_ladder(weights, CPU).shape, start_from_weights(weights, weights), 1, CPU)
    stored = stored_parameters({name: value[0] for name, value in stack.views(torch.float32).items()}, weights)
    before = load_file(weights / "model.safetensors")
    assert set(stored) == set(before)
    for name, value in before.items():
        np.testing.assert_array_equal(stored[name].numpy(), value)


def test_weights_with_other_words_are_refused(weights: Path, encoder: Path, tmp_path: Path) -> None:
    tensors = {name: torch.from_numpy(value) for name, value in load_file(weights / "model.safetensors").items()}
    tensors["embeddings.word_embeddings.weight"] += 1
    (tmp_path / "config.json").write_bytes((weights / "config.json").read_bytes())
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="--init weights with the encoder's sizes, words"):
        start_from_weights(tmp_path, encoder)


def test_means_are_of_the_groups(encoder: Path) -> None:
    shape = read_ladder(encoder, CPU).shape
    stack = Stack(shape, start_from_encoder(encoder, shape, 3, seed=5), 3, CPU)
    means = stack.means([(2,), (0, 1)])
    assert len(means) == 2 and len(stack) == 3
    torch.testing.assert_close(means.values, torch.stack([stack.values[2], (stack.values[0] + stack.values[1]) / 2]))


def test_noise_reaches_the_layers_above_and_not_the_ramp_itself(weights: Path, calibration: RowTable) -> None:
    ladder = read_ladder(weights, CPU)
    views = Stack(ladder.shape, start_from_weights(weights, weights), 1, CPU).views(torch.float32)
    words = calibration.words(torch.tensor([[0, 1]]), 24)
    nothing = torch.zeros(1, 1, 1)
    noise = {2: torch.tensor([[0.5, 0.0]])}
    plain, noisy = (
        ladder_logits(views, ladder, words, disturbance) for disturbance in (None, Disturbance(nothing, nothing, noise))
    )
    torch.testing.assert_close(noisy[:, :, :2], plain[:, :, :2])
    torch.testing.assert_close(noisy[:, 1], plain[:, 1])
    assert not torch.allclose(noisy[0, 0, 2], plain[0, 0, 2], atol=1e-2)


@pytest.mark.parametrize("distillation", [0.0, 0.5])
def test_loss_of_one_task_is_that_of_one_model(distillation: float) -> None:
    random = torch.Generator().manual_seed(0)
    (start, end), place = class_slices()["mnli"], [task.key for task in TASKS].index("mnli")
    logits = torch.randn(2, 5, LAYERS, 15, generator=random)
    gold = torch.tensor([[0, 1, 2, 0, 1], [2, 2, 1, 0, 1]])
    targets, weights = torch.zeros(2, 5, 15), torch.zeros(2, 5, len(TASKS))
    targets[:, :, start:end] = torch.nn.functional.one_hot(gold, 3).float()
    weights[:, :, place] = 0.3
    exit_weights = torch.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    given = torch.tensor(distillation) if distillation else None
    found = stacked_loss(logits, targets, weights, exit_weights, given)
    config = TrainingConfig(distillation_weight=distillation)
    for member in range(2):
        expected = ladder_loss(logits[member, :, :, start:end], gold[member], exit_weights[member], config)
        torch.testing.assert_close(found[member], expected)


def test_tasks_count_by_their_weights() -> None:
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(1, 2, LAYERS, 15, generator=random)
    targets = class_probabilities(torch.randn(1, 2, 15, generator=random))
    exit_weights = torch.tensor([[0.2, 0.3, 0.5]])
    both, parts = torch.zeros(1, 2, len(TASKS)), []
    for row, task, weight in ((0, 1, 1.0), (0, 4, 0.5), (1, 6, 0.25)):
        both[0, row, task] = weight
        one = torch.zeros_like(both)
        one[0, row, task] = 1.0
        parts.append((weight, stacked_loss(logits, targets, one, exit_weights, None)))
    expected = sum(weight * loss for weight, loss in parts) / 1.75
    torch.testing.assert_close(stacked_loss(logits, targets, both, exit_weights, None), expected)


def test_steps_are_adamws_and_a_rate_of_zero_moves_nothing(encoder: Path) -> None:
    ladder = read_ladder(encoder, CPU)
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 2, seed=5), 2, CPU)
    still = stack.values[0].clone()
    single = {name: torch.nn.Parameter(v[1].clone()) for name, v in stack.views(torch.float32).items()}
    groups = [
        {
            "params": [value],
            "lr": 1e-3 * (3 if name.startswith("exit_ramps.") else 1),
            "weight_decay": WEIGHT_DECAY if len(value) > 1 else 0.0,
        }
        for name, value in single.items()
    ]
    theirs, ours = torch.optim.AdamW(groups, betas=BETAS, eps=EPSILON), StackedAdamW(stack, ramp_rate=3.0)
    random = torch.Generator().manual_seed(0)
    # The sum of squares is above 1 in the first step, which is clipped, and below in the second.
    for size in (1.0, 1e-4):
        gradients = {n: torch.randn(2, *v.shape, generator=random) * size for n, v in single.items()}
        gradients["exit_ramps.0.pooler.weight"][0] *= 1000
        ours.step(gradients, torch.tensor([[0.0], [1e-3]]))
        for name, value in single.items():
            value.grad = gradients[name][1].clone()
        torch.nn.utils.clip_grad_norm_(single.values(), GRADIENT_NORM)
        theirs.step()
        torch.testing.assert_close(stack.values[0], still, rtol=0, atol=0)
        for name, value in stack.views(torch.float32).items():
            torch.testing.assert_close(value[1], single[name].data, rtol=1e-5, atol=1e-7)


def test_a_table_holds_the_rows_and_their_gold_labels(prepared: Path, calibration: RowTable) -> None:
    splits = read_prepared(prepared).calibration
    start = 0
    for place, task in enumerate(TASKS):
        rows = splits[task.key]
        for row in range(len(rows)):
            words = calibration.words(torch.tensor([[start + row]]), 32)
            expected, length = rows.encoded(row), int(rows.lengths[row])
            assert words.ids[0, 0].tolist() == expected.input_ids + [0] * (32 - length)
            assert words.types[0, 0].tolist() == expected.token_type_ids + [0] * (32 - length)
            assert words.real[0, 0].sum() == length
        own, slice_ = calibration.task == place, slice(*class_slices()[task.key])
        assert own.sum() == len(rows)
        np.testing.assert_array_equal(calibration.targets[own, slice_].argmax(1).numpy(), rows.gold)
        start += len(rows)
    mnli, rte = calibration.task == 6, class_slices()["rte"][0]
    assert calibration.weights[mnli].unique(dim=0).tolist() == [[0, 0, 0, 0, 0.5, 0, 1]]
    np.testing.assert_array_equal(calibration.targets[mnli, rte].numpy(), splits["mnli"].gold == 0)


def test_joined_tables_keep_their_rows(calibration: RowTable) -> None:
    other = replace(calibration, ids=calibration.ids + 1)
    both, rows = joined(calibration, other), torch.arange(len(calibration)).unsqueeze(0)
    shifted = both.words(rows + len(calibration), 32)
    plain = both.words(rows, 32)
    assert torch.equal(plain.ids, calibration.words(rows, 32).ids)
    assert torch.equal(shifted.ids, torch.where(plain.real, plain.ids + 1, 0))


def test_an_epochs_plan_has_every_row_once_and_similar_widths() -> None:
    random = np.random.default_rng(4)
    lengths = random.integers(3, 129, 4000)
    drawn = [random.permutation(4000)[:3200], random.permutation(4000)[:3216]]
    steps = plan_steps(lengths, drawn, 16, random)
    assert len(steps) == 200
    for member in range(2):
        rows = np.concatenate([step.rows[member] for step in steps])
        assert len(set(rows)) == 3200 and set(rows) <= set(drawn[member])
    assert set(np.concatenate([step.rows[0] for step in steps])) == set(drawn[0])
    spans = [np.ptp(lengths[step.rows]) for step in steps]
    assert all(step.width % 8 == 0 and 0 <= step.width - lengths[step.rows].max() < 8 for step in steps)
    assert np.mean(spans) < 12
    assert [step.width for step in steps] != sorted(step.width for step in steps)


def test_pools_thin_out_or_repeat_their_rows(calibration: RowTable) -> None:
    seen = np.arange(len(calibration)) % 2 == 0
    pools = task_pools(calibration, {"sst2": 0.5, "rte": 2.5}, seen)
    assert sorted(np.concatenate([pool.rows for pool in pools])) == np.flatnonzero(seen).tolist()
    assert [pool.share for pool in pools] == [0.5, 1, 1, 1, 2.5, 1, 1]
    drawn = drawn_rows([Pool(np.arange(10), 0.5), Pool(np.arange(10, 20), 2.5)], np.random.default_rng(1))
    counts = np.bincount(drawn, minlength=20)
    assert counts[:10].sum() == 5 and counts[:10].max() == 1 and set(counts[10:]) == {2, 3}


def test_batches_by_length_hold_all_rows_within_the_tokens() -> None:
    lengths = np.random.default_rng(1).integers(3, 129, 500)
    batches = list(batches_by_length(lengths, 512))
    assert sorted(np.concatenate(batches)) == list(range(500))
    assert all(len(batch) * lengths[batch].max() <= 512 for batch in batches)
    assert [batch.tolist() for batch in batches_by_length(np.array([9, 3]), 4)] == [[0], [1]]


def test_accuracy_is_of_each_tasks_own_classes(calibration: RowTable) -> None:
    scores = calibration.targets.unsqueeze(1).repeat(1, 2, 1)
    scores[:, 1] = 1 - scores[:, 1]
    assert set(exit_accuracies(scores, calibration)) == {task.key for task in TASKS}
    assert exit_accuracies(scores, calibration)["qnli"] == [100.0, 0.0]


def test_a_loss_that_is_no_number_names_the_member(encoder: Path, calibration: RowTable) -> None:
    ladder = read_ladder(encoder, CPU)
    recipes = [Recipe(name, peak_rate=rate, exit_weights=(1, 1, 1)) for name, rate in (("calm", 1e-4), ("wild", 1e38))]
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 2, seed=5), 2, CPU)
    pools = task_pools(calibration, {}, np.ones(len(calibration), bool))
    trainer = StackTrainer(stack, ladder, calibration, [pools] * 2, recipes, StackConfig(batch_rows=16, warm_up=0.0))
    with pytest.raises(FloatingPointError, match="of wild by step"):
        trainer.run()


def test_what_does_not_fit_the_model_is_refused_before_training(encoder: Path, calibration: RowTable) -> None:
    ladder = read_ladder(encoder, CPU)
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 1, seed=5), 1, CPU)
    pools = [task_pools(calibration, {}, np.ones(len(calibration), bool))]
    fitting = Recipe(exit_weights=(1, 1, 1))
    for recipe, config, problem in (
        (Recipe(), StackConfig(), "expected 3 weights, one a layer, got 12"),
        (replace(fitting, noise=0.1), StackConfig(), "noise_layers below the last of 3 layers"),
        (fitting, StackConfig(batch_rows=10_000), "at least 10000 rows a member in an epoch"),
    ):
        with pytest.raises(ValueError, match=problem):
            StackTrainer(stack, ladder, calibration, pools, [recipe], config)


def test_rate_rises_then_falls_and_never_stops() -> None:
    config = StackConfig(warm_up=0.2)
    factors = [config.rate_factor(step, 10) for step in range(10)]
    assert factors == pytest.approx([0.001, 0.5, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])


@pytest.mark.parametrize(
    ("content", "kind", "problem"),
    [
        ({"epoch": 2}, TeacherConfig, "TeacherConfig fields among .*'epoch'"),
        ({"recipes": [{"rate": 1}]}, TeacherConfig, "Recipe fields among .*'rate'"),
        ({"recipes": [{}, {}]}, StudentConfig, "recipes to be at least one, each with a name of its own"),
        ({"recipes": [{"exit_weights": [0, 0]}]}, StudentConfig, "exit_weights to be one number"),
        ({"epochs": 0}, StudentConfig, "epochs to be above 0, got 0"),
        ({"folds": 1}, TeacherConfig, "folds to be at least 2"),
        ({"corrupted_shares": [0.1, 2]}, TeacherConfig, "corrupted_shares to be a list of shares from 0 to 1"),
        ({"copy_shares": {"wnli": 1}}, StudentConfig, "copy_shares to be task keys"),
        ({"averages": [[0, 1]]}, StudentConfig, "averages to be lists of at least two places"),
        ({"noise_layers": []}, StudentConfig, "noise_layers to be layers from 1 on"),
    ],
)
def test_config_names_what_is_wrong(content: dict, kind: type, problem: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=problem):
        read_stacked_config(tmp_path / "config.json", kind)


@pytest.mark.parametrize(
    ("name", "kind"), [("teachers", TeacherConfig), ("students", StudentConfig), ("second-round", StudentConfig)]
)
def test_recipes_are_read(name: str, kind: type) -> None:
    config = read_stacked_config(RECIPES / f"e5-small-v2-glue-{name}.json", kind)
    assert all(len(recipe.exit_weights) == 12 for recipe in config.recipes)
    assert len(read_stacked_config(None, kind).recipes) == 1
