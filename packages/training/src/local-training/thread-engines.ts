import type { EngineKind } from '../network/engine-kind.ts';
import { referenceEngines } from '../reference/reference-engine.ts';

/** The fastest engines that need no event loop. */
export function threadEngines(): EngineKind {
  return referenceEngines;
}
