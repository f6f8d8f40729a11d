/** Whether this person wants new data sets encrypted; wanted unless said otherwise. */
const KEY = 'tributary/encrypt';

export function prefersEncryption(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'no';
  } catch {
    return true;
  }
}

export function rememberEncryption(wanted: boolean): void {
  try {
    localStorage.setItem(KEY, wanted ? 'yes' : 'no');
  } catch {
    // Without storage it holds for this visit.
  }
}
