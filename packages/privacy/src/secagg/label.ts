import { completeThresholds } from './choose-degree.ts';
import type { SecureSession } from './session.ts';

/**
 * What a secure sum may claim: `curious server`, that a coordinator which follows the protocol learns nothing but the
 * sum and who took part; `active server`, that one which does not follow it learns no more.
 */
export type SecureSumLabel = 'curious server' | 'active server';

/** What happened, not what was planned. */
export interface LabelFacts {
  /** Of survivors who signed U2 and U3, and whose signatures were checked. */
  readonly confirmations: number;
  /** The code in the tabs is pinned by somebody else than the coordinator. */
  readonly isCodePinned: boolean;
  /** Somebody else than the coordinator knows that identities are of different people. */
  readonly areIdentitiesReal: boolean;
}

/**
 * Whoever chooses drop-outs for each viewer can expose single people on a sparse graph, and identities of the
 * coordinator's own making hold as many shares as it likes: without all of it the weaker label holds. So it does under a
 * threshold for a semi-honest coordinator: two groups of viewers, each with t signatures, can then be told different
 * survivors.
 */
export function labelOf({ n, graph, task }: SecureSession, facts: LabelFacts): SecureSumLabel {
  const { smallest, largest } = completeThresholds({ ...task, n, adversary: 'semi-malicious' });
  const isActive =
    graph.kind === 'complete' &&
    graph.shareThreshold >= Math.max(smallest, largest) &&
    facts.confirmations > graph.shareThreshold &&
    facts.isCodePinned &&
    facts.areIdentitiesReal;
  return isActive ? 'active server' : 'curious server';
}
