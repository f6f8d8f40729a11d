import type { ClientId, RunId } from '@tributary/fl-core';
import { expect, test } from 'vitest';
import { openConnections } from '../src/door/connections.ts';

const RUN = 'run-test' as RunId;
const clientNumber = (i: number): ClientId => i.toString(16).padStart(32, '0') as ClientId;

test('however many identities pass by, only the connected and the latest are remembered', () => {
  const connections = openConnections();
  const connection = { send: () => {}, close: () => {} };
  const stays = clientNumber(0);
  connections.attach(RUN, stays, connection);
  connections.describe(RUN, stays, { exampleCount: 7 });
  for (let i = 1; i <= 3000; i += 1) {
    connections.attach(RUN, clientNumber(i), connection);
    connections.describe(RUN, clientNumber(i), { exampleCount: i });
    connections.detach(RUN, clientNumber(i), connection);
  }
  const remembered = connections.profiles(RUN);
  expect(remembered.size).toBeLessThanOrEqual(1002);
  expect(remembered.get(stays)).toMatchObject({ exampleCount: 7 });
  expect(remembered.get(clientNumber(3000))).toMatchObject({ exampleCount: 3000 });
});
