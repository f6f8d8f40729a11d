import { useRef } from 'react';

/** When `what` became what it is, in milliseconds since the Unix epoch. */
export function useSince(what: string): number {
  const seen = useRef({ what, at: Date.now() });
  if (seen.current.what !== what) seen.current = { what, at: Date.now() };
  return seen.current.at;
}
