"""Make a model folder's q8 files anew from its fp16 files, which hold the trained weights as they were stored.

The manifest gets the new files' hashes; calibration, traces, codecs and parity.json stay, since they stand on fp16.
"""

from pathlib import Path

import numpy as np

from training.export.activation_statistics import describe_rows, rows_to_measure, with_input_statistics
from training.export.exported import load_exported
from training.export.manifest import model_files, model_hash, read_manifest, write_manifest
from training.export.precision import Int8Precision
from training.export.variant_files import write_variant
from training.model.provenance import read_provenance, write_provenance
from training.model.reference import ReferenceModel, stored_tensors
from training.model.weights import LadderWeights, arranged


def quantise(model: Path, prepared: Path | None = None) -> None:
    """Write `q8/` and what the manifest and provenance.json say of it.

    It is fitted to rows of the prepared folder's train split, else to our own sentences. Raises KeyError for a model
    without fp16, ValueError where the rows were prepared with another tokenizer.
    """
    manifest, provenance = read_manifest(model), read_provenance(model)
    reference = load_exported(model, manifest)
    tokenizer = model / manifest["tokenizer"]["path"]
    rows = rows_to_measure(reference.tasks, tokenizer, prepared, provenance["tokenizerSha256"])
    weights = with_input_statistics(_weights_of(reference), reference, rows)
    precision = Int8Precision()
    manifest["variants"][precision.name] = write_variant(weights, precision, model)
    manifest["hash"] = model_hash(model_files(manifest))
    write_manifest(model, manifest)
    write_provenance(model, provenance | {"quantisation": describe_rows(prepared is not None)})


def _weights_of(reference: ReferenceModel) -> LadderWeights:
    tensors = {name: tensor.numpy().astype(np.float32) for name, tensor in stored_tensors(reference).items()}
    return arranged(tensors, reference.bert.config.to_dict(), reference.tasks)
