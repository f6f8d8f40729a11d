/** How much of the time this device may train: chosen by the person, for every run, and kept in this browser. */
import { type AdjustableWorkLimit, createWorkLimit } from '@tributary/training/client';

/** Work over work and rest. */
export const DUTY_CYCLES = { all: 1, half: 0.5, quarter: 0.25 } as const;
export type WorkShare = keyof typeof DUTY_CYCLES;

/** `forgetChoices` knows the prefix. */
const KEY = 'tributary/work-share';

let limit: AdjustableWorkLimit | undefined;

/** The one of this page: what trains on it follows every change at once. */
export function deviceWorkLimit(): AdjustableWorkLimit {
  limit ??= createWorkLimit(DUTY_CYCLES[storedShare()]);
  return limit;
}

export function chooseWorkShare(share: WorkShare): void {
  deviceWorkLimit().set(DUTY_CYCLES[share]);
  try {
    localStorage.setItem(KEY, share);
  } catch {
    // Without storage the choice ends with the page.
  }
}

export function workShareOf({ dutyCycle }: { readonly dutyCycle: number }): WorkShare {
  const shares = Object.keys(DUTY_CYCLES) as WorkShare[];
  return shares.find((share) => DUTY_CYCLES[share] === dutyCycle) ?? 'all';
}

export function isWorkShare(value: string): value is WorkShare {
  return Object.hasOwn(DUTY_CYCLES, value);
}

function storedShare(): WorkShare {
  try {
    const stored = localStorage.getItem(KEY) ?? '';
    return isWorkShare(stored) ? stored : 'all';
  } catch {
    return 'all';
  }
}
