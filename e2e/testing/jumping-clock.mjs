/** Has the time of day jump by up to a year to either side, ten times a second, until what it gives is called. */
export function jump() {
  const Real = Date;
  let jumpMs = 0;
  const timer = setInterval(() => (jumpMs = Math.round((Math.random() - 0.5) * 2 * 365 * 86_400_000)), 100).unref();
  globalThis.Date = class extends Real {
    constructor(...given) {
      super(...(given.length > 0 ? given : [Real.now() + jumpMs]));
    }

    static now() {
      return Real.now() + jumpMs;
    }
  };
  return () => {
    clearInterval(timer);
    globalThis.Date = Real;
  };
}
