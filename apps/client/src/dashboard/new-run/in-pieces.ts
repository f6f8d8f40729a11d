/** Long work on the page's own thread, a few milliseconds at a time: what somebody types in between is answered at once. */

const PIECE_MS = 8;

/** @throws the signal's reason when it was aborted */
export async function inPieces<Result>(work: Generator<void, Result>, signal: AbortSignal): Promise<Result> {
  let pauseAt = performance.now() + PIECE_MS;
  for (;;) {
    signal.throwIfAborted();
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() < pauseAt) continue;
    await new Promise((resolve) => setTimeout(resolve));
    pauseAt = performance.now() + PIECE_MS;
  }
}
