/** The part of a worker's global scope that makes workers. Some browsers let no worker make any. */
interface WorkerScope {
  Worker?: typeof Worker;
}

/**
 * Keeps every worker made in a scope from now on until it is terminated. The runtime makes one a thread and lets go of it
 * before it has started; Firefox then collects it about one time in three, and the runtime waits for it for ever.
 * (Firefox 153; to be tried without when nested workers keep themselves alive there.)
 */
export function holdWorkers(scope: WorkerScope, held = new Set<Worker>()): ReadonlySet<Worker> {
  const { Worker: Made } = scope;
  if (Made) {
    scope.Worker = class extends Made {
      constructor(...made: ConstructorParameters<typeof Worker>) {
        super(...made);
        held.add(this);
      }

      override terminate(): void {
        held.delete(this);
        super.terminate();
      }
    };
  }
  return held;
}
