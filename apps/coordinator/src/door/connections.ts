/** Who is connected where: at most one connection per identity and run. */
import type { ClientId, CoordinatorMessage, RunId } from '@tributary/fl-core';
import type { ClientProfile } from '../run/describe-run.ts';

export interface Connection {
  send(message: CoordinatorMessage): void;
  close(): void;
}

export interface Connections {
  send(runId: RunId, clientId: ClientId, message: CoordinatorMessage): void;
  /** Takes the place of an earlier connection of the same identity, which is told so and closed. */
  attach(runId: RunId, clientId: ClientId, connection: Connection): void;
  /** @returns whether it was still the identity's connection */
  detach(runId: RunId, clientId: ClientId, connection: Connection): boolean;
  describe(runId: RunId, clientId: ClientId, profile: Partial<ClientProfile>): void;
  profiles(runId: RunId): ReadonlyMap<ClientId, ClientProfile>;
}

/** Besides those connected: enough for members of a round who come back, and no more however many identities pass by. */
const REMEMBERED_PROFILES = 1000;

/** Without it the older one would reconnect, take its place back, and so on for ever. */
const REPLACED: CoordinatorMessage = {
  type: 'refused',
  code: 'identity-in-use',
  message: 'this device takes part through another tab or connection now',
  fatal: true,
};

const UNKNOWN: ClientProfile = {
  backend: 'undecided',
  exampleCount: 0,
  progress: { roundNumber: 0, fraction: 0, examplesPerSecond: 0 },
};

export function openConnections(): Connections {
  const connections = new Map<RunId, Map<ClientId, Connection>>();
  const profiles = new Map<RunId, Map<ClientId, ClientProfile>>();
  return {
    send: (runId, clientId, message) => connections.get(runId)?.get(clientId)?.send(message),
    attach(runId, clientId, connection) {
      const ofRun = childMap(connections, runId);
      const earlier = ofRun.get(clientId);
      ofRun.set(clientId, connection);
      if (!earlier || earlier === connection) return;
      earlier.send(REPLACED);
      earlier.close();
    },
    detach(runId, clientId, connection) {
      const ofRun = childMap(connections, runId);
      return ofRun.get(clientId) === connection && ofRun.delete(clientId);
    },
    describe(runId, clientId, profile) {
      const ofRun = childMap(profiles, runId);
      const described = { ...UNKNOWN, ...ofRun.get(clientId), ...profile };
      // The latest last, so that those forgotten are the ones not heard of for longest.
      ofRun.delete(clientId);
      ofRun.set(clientId, described);
      forgetOldest(ofRun, childMap(connections, runId));
    },
    profiles: (runId) => childMap(profiles, runId),
  };
}

function forgetOldest(
  profiles: Map<ClientId, ClientProfile>,
  connected: ReadonlyMap<ClientId, Connection>,
): void {
  if (profiles.size <= connected.size + REMEMBERED_PROFILES) return;
  for (const clientId of profiles.keys()) {
    if (connected.has(clientId)) continue;
    profiles.delete(clientId);
    return;
  }
}

function childMap<K, V>(parent: Map<RunId, Map<K, V>>, runId: RunId): Map<K, V> {
  const child = parent.get(runId) ?? new Map<K, V>();
  parent.set(runId, child);
  return child;
}
