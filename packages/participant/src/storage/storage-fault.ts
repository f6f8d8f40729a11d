/** What a platform says about a full device becomes `storage-full`. */
import { TributaryError } from '@tributary/fl-core';

/**
 * Resolves when the transaction is durable. Waits for the requests first but believes only `done`: when space runs
 * out at commit, a request says merely "aborted" and the transaction says why.
 */
export async function committed(
  transaction: { readonly done: Promise<void> },
  requests: readonly Promise<unknown>[],
): Promise<void> {
  try {
    await Promise.allSettled(requests);
    await transaction.done;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'QuotaExceededError')) throw error;
    throw new TributaryError('storage-full', 'this device has no room left for the data of this page', {
      cause: error,
    });
  }
}
