/** The shortest time of a call: what it costs when nothing else disturbs the machine. */

export interface TimingBudget {
  /** For all repetitions of one measurement. */
  readonly seconds: number;
}

/** Many short ones: on a busy machine some of them are not disturbed. */
const ROUNDS = 15;

/** `work` does something `times` times; it may be timed by a clock as coarse as a tenth of a millisecond. */
export async function secondsPerCall(
  work: (times: number) => void | Promise<void>,
  { seconds }: TimingBudget,
): Promise<number> {
  const timed = async (times: number): Promise<number> => {
    const started = performance.now();
    await work(times);
    return (performance.now() - started) / 1000;
  };
  // Engines compile again, and better, what is called often: the first calls only tell how many calls fill a round.
  let times = 1;
  let taken = await timed(times);
  let warm = taken;
  while (warm < seconds) {
    if (taken < seconds / ROUNDS / 2) times *= 2;
    taken = await timed(times);
    warm += taken;
  }
  let best = taken / times;
  times = Math.max(1, Math.round(seconds / ROUNDS / best));
  for (let round = 0; round < ROUNDS; round += 1) {
    // What is slower than its budget has been timed enough by its first calls.
    if (round > 0 && best * times > seconds) break;
    best = Math.min(best, (await timed(times)) / times);
  }
  return best;
}
