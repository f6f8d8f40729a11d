/**
 * One call for all that is asked within a moment: what has a fixed price (a durable transaction) is paid once for many.
 * @param gatherMs how long the first one waits for others
 */
export function batched<Item, Answer>(
  perform: (items: readonly Item[]) => Promise<readonly Answer[]>,
  gatherMs: number,
): (item: Item) => Promise<Answer> {
  let waiting: { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];
  async function run(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      const answers = await perform(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => {
        resolve(answers[index]!);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setTimeout(() => void run(), gatherMs);
      waiting.push({ item, resolve, reject });
    });
}
