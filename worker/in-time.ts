/** The promise, or a rejection with `late` where it has not been settled in time. What it stands for goes on, unheard. */
export function inTime<Result>(promise: Promise<Result>, ms: number, late: () => Error): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    void promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
