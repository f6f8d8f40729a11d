import { TributaryError } from '@tributary/fl-core';

/**
 * Names what fetch leaves nameless: a network that failed. What the coordinator answered, and an abort, pass as they
 * are.
 * @throws TributaryError `internal` when the coordinator cannot be reached
 */
export async function reaching<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof TributaryError || signal?.aborted) throw error;
    throw new TributaryError('internal', 'the coordinator cannot be reached', { cause: error });
  }
}
