import type { RunDetail } from '@tributary/fl-core';
import { useNow } from '../../appearance/use-now.ts';

/**
 * What the coordinator's clock says now, once a second while `ticking`. Its clock and this page's may differ, so the
 * time since its answer (`receivedAt`, by this page's clock) is added to its own `now`.
 */
export function useCoordinatorTime(run: RunDetail, receivedAt: number, ticking: boolean): number {
  const now = useNow(ticking);
  return run.now + Math.max(0, now - receivedAt);
}
