import { TributaryError } from '@tributary/fl-core';

/** Nothing was answered: another question would not be, either. */
export class Unreachable extends TributaryError {
  constructor(cause: unknown) {
    super('internal', 'the coordinator cannot be reached', { cause });
  }
}

/**
 * Names what fetch leaves nameless: a network that failed. What the coordinator answered, and an abort, pass as they
 * are.
 * @throws Unreachable when the coordinator cannot be reached
 */
export async function reaching<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof TributaryError || signal?.aborted) throw error;
    throw new Unreachable(error);
  }
}
