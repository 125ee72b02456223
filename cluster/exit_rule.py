"""Where samples leave, decided by `core`'s own TypeScript in V8.

It is `cluster/exit-rule.ts` with all that it imports, made one script at the start.
"""

import json
from collections.abc import Sequence
from typing import Any

import grpc
from py_mini_racer import MiniRacer

from cluster.model_folder import ModelFolder
from cluster.refusal import Refusal

CODES = {"policy": grpc.StatusCode.UNIMPLEMENTED, "input": grpc.StatusCode.INVALID_ARGUMENT}
BEGIN_TIMEOUT_S = 60.0
"""For the first sample of a policy, which reads the model's fitted numbers: seconds at worst."""


class ExitRules:
    """Follows samples from layer to layer and says who stays. One V8; calls come one after the other."""

    def __init__(self, script: str, folder: ModelFolder) -> None:
        self._v8 = MiniRacer()
        self._v8.eval(script)
        files = {file["path"]: folder.read(file).decode("latin-1") for file in _policy_files(folder.manifest)}
        self._v8.eval(f"var rules = exitRule.openRules({json.dumps(folder.manifest)}, {json.dumps(files)})")
        self._v8.eval("var begin = (sample) => rules.begin(sample).then(JSON.stringify)")
        self._v8.eval("var after = (steps) => JSON.stringify(rules.after(steps))")

    def begin(self, sample: dict[str, Any]) -> bool:
        """Whether each layer's saturation must be told, too. `sample` is an `EngineSample` of `exit-rule.ts`.

        Raises `Refusal`: `UNIMPLEMENTED` for a policy that this engine or model cannot run, `INVALID_ARGUMENT` for a
        request that is wrong.
        """
        answer = json.loads(self._v8.eval(f"begin({json.dumps(sample)})").get(timeout=BEGIN_TIMEOUT_S))
        if "kind" in answer:
            raise Refusal(CODES[answer["kind"]], answer["message"])
        return answer["seesSaturation"]

    def after(self, steps: Sequence[tuple[str, list[float], float | None]]) -> list[bool]:
        """Which samples stay after a layer. A step: the key, the logits of all classes, the layer's saturation."""
        return json.loads(self._v8.eval(f"after({json.dumps(steps)})"))

    def forget(self, key: str) -> None:
        """Drop a sample that nobody waits for any more."""
        self._v8.eval(f"rules.forget({json.dumps(key)})")


def _policy_files(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """What policies were fitted to (`filesOf` in `core/policies/needs.ts`)."""
    tasks = manifest["tasks"].values()
    fitted = [task["policyData"] for task in tasks if "policyData" in task]
    return fitted + [task["traces"]["calibration"] for task in tasks if "calibration" in task.get("traces", {})]
