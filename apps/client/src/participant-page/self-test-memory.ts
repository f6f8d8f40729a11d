/** What self-tests found on this device. It is worth nothing in another browser version, or with other code. */
import type { SelfTestMemory } from '@tributary/training/client';
import * as z from 'zod/mini';

const outcomeSchema = z.discriminatedUnion('passed', [
  z.strictObject({ passed: z.literal(true) }),
  z.strictObject({
    passed: z.literal(false),
    kernel: z.string(),
    relativeError: z.nullable(z.number()),
  }),
]);
const memorySchema = z.strictObject({ version: z.string(), outcomes: z.record(z.string(), outcomeSchema) });

/** `forgetChoices` knows the prefix. */
const KEY = 'tributary/self-tests';

/** @param version says which code computed it, and in which browser */
export function selfTestMemory(version: string): SelfTestMemory {
  return {
    known: recall(version),
    remember(key, outcome) {
      try {
        const outcomes = { ...recall(version), [key]: outcome };
        localStorage.setItem(KEY, JSON.stringify({ version, outcomes }));
      } catch {
        // Without storage the next start tests again.
      }
    },
  };
}

function recall(version: string): SelfTestMemory['known'] {
  try {
    const stored = memorySchema.safeParse(JSON.parse(localStorage.getItem(KEY) ?? 'null'));
    return stored.success && stored.data.version === version ? stored.data.outcomes : {};
  } catch {
    return {};
  }
}
