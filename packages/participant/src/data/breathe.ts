/**
 * Gives the event loop a turn, so that a page can draw and answer between two pieces of long work. A message, not a
 * timer: browsers let the timers of a hidden tab wait for a second, and training goes on there.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
