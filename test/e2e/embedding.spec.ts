/** A page of another site that embeds the SDK: a real browser's preflights and origins, and no one else's page. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JOIN_PATH, modelPath, SOCKET_PATH, type TaskManifestInput, UPDATES_PATH } from '@tributary/fl-core';
import { startCoordinatorProcess } from './fixtures/coordinator-process.ts';
import { expect, test } from './fixtures/index.ts';

const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'Embedded elsewhere',
  seed: 'embedding',
  model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
  data: { kind: 'image', height: 2, width: 2, channels: 1, labels: ['dark', 'light'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 1, reportGoal: 1, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

/** A site is an origin: another port is another site. */
async function openSite(): Promise<{ origin: string; server: Server }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>a site</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('a site that is named may join, download, upload and connect; another one may nothing', async ({
  browser,
}) => {
  const sites = [await openSite(), await openSite()] as const;
  const [named, other] = sites;
  const coordinator = await startCoordinatorProcess(['--allow-origin', named.origin]);
  const { runId, modelHash } = await coordinator.createRun(MANIFEST);
  const ticket = new URL((await coordinator.invite(runId)).joinUrl).hash.slice('#ticket='.length);
  const page = await browser.newPage();

  const attempts = async (origin: string) => {
    await page.goto(origin);
    return page.evaluate(
      async ({ url, ticket: bearer, join, model, updates, socket }) => {
        const status = (path: string, init: RequestInit = {}) =>
          fetch(url + path, init).then(
            (response) => `${response.status} ${response.headers.has('etag') ? 'etag' : ''}`.trim(),
            () => 'refused',
          );
        const authorization = `Bearer ${bearer}`;
        const connection = new WebSocket(url.replace('http', 'ws') + socket);
        const connected = await new Promise<string>((resolve) => {
          connection.onmessage = ({ data }) => resolve(String(data).slice(0, 1));
          connection.onerror = () => resolve('refused');
        });
        connection.close();
        return {
          join: await status(join, { headers: { authorization } }),
          model: await status(model),
          upload: await status(updates, {
            method: 'PUT',
            headers: { authorization, 'content-type': 'application/octet-stream' },
            body: new Uint8Array(10),
          }),
          admin: await status('/v1/admin/session', { credentials: 'include' }),
          connected,
        };
      },
      {
        url: coordinator.url,
        ticket,
        join: JOIN_PATH,
        model: modelPath(modelHash),
        updates: UPDATES_PATH,
        socket: `${SOCKET_PATH}/?EIO=4&transport=websocket`,
      },
    );
  };
  try {
    // An admission ticket uploads nothing, but the page reads the answer that says so.
    expect(await attempts(named.origin)).toEqual({
      join: '200',
      model: '200 etag',
      upload: '401',
      admin: 'refused',
      connected: '0',
    });
    expect(await attempts(other.origin)).toEqual({
      join: 'refused',
      model: 'refused',
      upload: 'refused',
      admin: 'refused',
      connected: 'refused',
    });
  } finally {
    await page.close();
    await coordinator.stop();
    for (const { server } of sites) server.close();
  }
});
