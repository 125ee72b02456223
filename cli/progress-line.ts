/** Milliseconds between two lines where nobody watches a terminal. */
const LINE_EVERY_MS = 30_000;

/** Tells how far a run is: on a terminal in one line that changes, elsewhere by a line now and then. */
export function progressLine(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  now: () => number,
): (done: number, rows: number, left: string) => void {
  let toldAt = now();
  return (done, rows, left) => {
    const line = [`${done.toLocaleString('en')} of ${rows.toLocaleString('en')} rows`, left].filter(Boolean).join(', ');
    if (stream.isTTY) stream.write(done < rows ? `\r${line}\u001b[K` : '\r\u001b[K');
    else if (done < rows && now() - toldAt >= LINE_EVERY_MS) {
      toldAt = now();
      stream.write(`${line}\n`);
    }
  };
}
