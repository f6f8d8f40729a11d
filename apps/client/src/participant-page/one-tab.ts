/**
 * One tab at a time takes part in a run: two would be the same device twice. The Web Lock that says so also keeps
 * Chrome's Energy Saver from freezing a hidden tab that trains.
 */
export async function holdOnlyTab(runId: string): Promise<{ release(): void } | null> {
  if (!navigator.locks) return { release: () => {} };
  return new Promise((resolve) => {
    // A reloaded page may ask a moment before its former self has let go.
    const patience = AbortSignal.timeout(3000);
    navigator.locks
      .request(`tributary/run/${runId}`, { signal: patience }, () => {
        return new Promise<void>((release) => resolve({ release }));
      })
      .catch(() => resolve(null));
  });
}
