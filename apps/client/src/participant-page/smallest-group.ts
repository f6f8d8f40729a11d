/**
 * The fewest people in whose sum an update of this device may disappear: chosen by the person, for every run, and kept in
 * this browser. No coordinator can lower it.
 */
import { LEAST_COHORT, type SecureSumPolicy, USUAL_COHORT } from '@tributary/participant';

export const GROUP_SIZES: readonly number[] = [LEAST_COHORT, 4, 5, 6, USUAL_COHORT, 10, 15, 20, 30, 50, 100];

/** `forgetChoices` knows the prefix. */
const KEY = 'tributary/smallest-group';

let chosen: number | undefined;
const listeners = new Set<() => void>();

/** The one of this page: a round looks at it when its group is known. */
export const secureSumPolicy: SecureSumPolicy = {
  get minimumCohort() {
    return smallestGroup();
  },
};

export function smallestGroup(): number {
  chosen ??= storedSize();
  return chosen;
}

export function chooseSmallestGroup(size: number): void {
  chosen = size;
  for (const listener of listeners) listener();
  try {
    localStorage.setItem(KEY, String(size));
  } catch {
    // Without storage the choice ends with the page.
  }
}

export function onSmallestGroup(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function storedSize(): number {
  try {
    const stored = Number(localStorage.getItem(KEY));
    return GROUP_SIZES.includes(stored) ? stored : USUAL_COHORT;
  } catch {
    return USUAL_COHORT;
  }
}
