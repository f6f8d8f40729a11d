/** Under which addresses a coordinator is reached, and how people know that it is the right one. */
import { readFileSync } from 'node:fs';
import type { ServerFacts } from '@tributary/fl-core';
import { addressesFromElsewhere, hostFromHere, urlHost } from './addresses.ts';
import type { TlsIdentity } from './tls.ts';

export interface Reach {
  readonly facts: ServerFacts;
  /** How programs on this machine reach it. */
  readonly url: string;
  /** How other machines do; empty when it listens on loopback. */
  readonly urlsFromElsewhere: readonly string[];
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export function reachOf({
  host,
  port,
  tls,
  askedUrl,
}: {
  host: string;
  port: number;
  tls: TlsIdentity | null;
  /** What the operator says it is reached by. */
  askedUrl: string | undefined;
}): Reach {
  const urlAt = (name: string): string => `${tls ? 'https' : 'http'}://${urlHost(name)}:${port}`;
  const url = urlAt(hostFromHere(host));
  const urlsFromElsewhere = addressesFromElsewhere(host).map(urlAt);
  return {
    url,
    urlsFromElsewhere,
    facts: {
      version,
      // Over plain HTTP browsers train at a loopback address only, so links lead there.
      publicUrl: askedUrl ?? (tls ? urlsFromElsewhere[0] : undefined) ?? url,
      urls: [...new Set([url, ...urlsFromElsewhere])],
      tls: tls?.kind ?? 'none',
      certificateFingerprint: tls?.fingerprint ?? null,
    },
  };
}
