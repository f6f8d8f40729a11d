/** TLS of its own: what a browser, a Node client and somebody without `https:` meet. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SOCKET_PATH } from '@tributary/fl-core';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { certificatePath, selfSignedCertificate } from '../src/network/self-signed.ts';
import { openTls } from '../src/network/tls.ts';
import { smallTask } from './small-task.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const DAY_MS = 24 * 3_600_000;
const NAMES = ['localhost', '127.0.0.1', '::1', 'lab-7', '192.0.2.7'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-tls-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a certificate of its own', () => {
  test('is P-256, good for every name, and good for nothing else', async () => {
    const { certificate, key } = await selfSignedCertificate(null, NAMES);
    const parsed = new X509Certificate(certificate);
    expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.ca).toBe(false);
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    for (const name of ['localhost', 'lab-7']) expect(parsed.checkHost(name)).toBe(name);
    for (const ip of ['127.0.0.1', '192.0.2.7']) expect(parsed.checkIP(ip)).toBe(ip);
    expect(parsed.subjectAltName).toContain('0:0:0:0:0:0:0:1');
    expect(parsed.checkHost('example.org')).toBeUndefined();
    expect(parsed.checkIP('192.0.2.8')).toBeUndefined();
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  test('keeps its fingerprint, in files that only their owner reads', async () => {
    const data = join(folder, 'kept');
    const first = await selfSignedCertificate(data, NAMES);
    expect(await selfSignedCertificate(data, NAMES)).toEqual(first);
    expect(await selfSignedCertificate(data, NAMES.slice(1))).toEqual(first);
    for (const name of ['key.pem', 'certificate.pem']) {
      expect((await stat(join(data, 'tls', name))).mode & 0o777).toBe(0o600);
    }
  });

  test.each([
    ['a name or an address is new', [...NAMES, '192.0.2.99'], 0],
    ['it expires within a month', NAMES, 340 * DAY_MS],
    ['the clock stood wrong when it was made', NAMES, -10 * DAY_MS],
  ])('is made anew when %s', async (_, names, later) => {
    const data = await mkdtemp(join(folder, 'anew-'));
    const now = Date.now();
    const first = await selfSignedCertificate(data, NAMES, now);
    const second = await selfSignedCertificate(data, names, now + later);
    expect(second.certificate).not.toBe(first.certificate);
    expect(await selfSignedCertificate(data, names, now + later)).toEqual(second);
  });

  test.each(['key.pem', 'certificate.pem'])('is made anew when %s is torn', async (name) => {
    const data = await mkdtemp(join(folder, 'torn-'));
    const first = await selfSignedCertificate(data, NAMES);
    await writeFile(join(data, 'tls', name), 'half');
    expect((await selfSignedCertificate(data, NAMES)).certificate).not.toBe(first.certificate);
  });
});

describe('TLS files', () => {
  const files = async (certificate: string, key: string) => {
    const where = await mkdtemp(join(folder, 'files-'));
    const choice = {
      kind: 'files' as const,
      certificateFile: join(where, 'c.pem'),
      keyFile: join(where, 'k.pem'),
    };
    await writeFile(choice.certificateFile, certificate);
    await writeFile(choice.keyFile, key);
    return openTls(choice, { dataFolder: null, host: '127.0.0.1' });
  };

  test('are taken as they are', async () => {
    const pair = await selfSignedCertificate(null, NAMES);
    const { fingerprint256 } = new X509Certificate(pair.certificate);
    expect(await files(pair.certificate, pair.key)).toMatchObject({
      kind: 'files',
      fingerprint: fingerprint256,
      isVouchedFor: false,
    });
  });

  test('that are wrong are named, and nothing of a key is', async () => {
    const one = await selfSignedCertificate(null, NAMES);
    const other = await selfSignedCertificate(null, NAMES);
    await expect(files(one.certificate, other.key)).rejects.toThrow(
      /k\.pem does not belong to the first certificate in .*c\.pem/,
    );
    await expect(files('hello', one.key)).rejects.toThrow(/c\.pem holds no certificate/);
    await expect(files(one.certificate, one.key.slice(0, 80))).rejects.toThrow(
      /^[^\n]*k\.pem holds no private key in PEM form without a passphrase$/,
    );
    const missing = { kind: 'files' as const, certificateFile: '/nowhere/c.pem', keyFile: '/nowhere/k.pem' };
    await expect(openTls(missing, { dataFolder: null, host: '::' })).rejects.toThrow(
      'the TLS certificate /nowhere/c.pem cannot be read (ENOENT)',
    );
  });
});

describe('a coordinator with a certificate of its own', () => {
  let coordinator: Coordinator;
  let ca: string;
  beforeAll(async () => {
    const dataFolder = join(folder, 'coordinator');
    coordinator = await startCoordinator({ dataFolder, logLevel: 'silent', tls: { kind: 'self-signed' } });
    ca = await readFile(certificatePath(dataFolder), 'utf8');
  });
  afterAll(() => coordinator.close());

  const get = (options: RequestOptions & { body?: string } = {}) =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
      const { body, ...rest } = options;
      const asked = request(`${coordinator.url}${rest.path ?? '/healthz'}`, { ca, ...rest }, (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
      });
      asked.on('error', reject);
      asked.end(body);
    });

  test('is reached by a client that trusts the certificate, without any check left out', async () => {
    expect(coordinator.url).toBe(`https://127.0.0.1:${coordinator.port}`);
    expect((await get()).status).toBe(200);
    await expect(get({ ca: undefined })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  test('says its fingerprint, binds nobody to HTTPS, and keeps its cookies to it', async () => {
    expect(coordinator.facts).toMatchObject({
      tls: 'self-signed',
      certificateFingerprint: new X509Certificate(ca).fingerprint256,
    });
    const token = coordinator.dashboardUrl().split('#token=')[1]!;
    const login = await get({
      method: 'POST',
      path: '/v1/admin/session',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    expect(login.status).toBe(200);
    expect(String(login.headers['set-cookie'])).toContain('; Secure');
    expect(login.headers['strict-transport-security']).toBeUndefined();
  });

  test('is steered from the command line by whoever trusts the certificate, and by nobody who does not', async () => {
    const list = (env: NodeJS.ProcessEnv) =>
      new Promise<{ code: number; err: string }>((resolve) => {
        const args = [
          MAIN,
          'runs',
          '--json',
          '--url',
          coordinator.url,
          '--token',
          coordinator.operatorToken!,
        ];
        const child = execFile(process.execPath, args, { env: { ...process.env, ...env } }, (_, __, err) =>
          resolve({ code: child.exitCode ?? -1, err }),
        );
      });
    const trusted = certificatePath(join(folder, 'coordinator'));
    expect(await list({ NODE_EXTRA_CA_CERTS: trusted })).toEqual({ code: 0, err: '' });
    const untrusted = await list({});
    expect(untrusted.code).toBe(1);
    expect(untrusted.err).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('takes control connections', async () => {
    const socket = io(coordinator.url, { path: SOCKET_PATH, transports: ['websocket'], ca, forceNew: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(null));
      socket.once('connect_error', reject);
    });
    socket.disconnect();
  });

  test('leads whoever forgets `https:` there, and tells others what is wrong', async () => {
    const plain = `http://127.0.0.1:${coordinator.port}`;
    const moved = await fetch(`${plain}/join?x=1`, { redirect: 'manual' });
    expect(moved.status).toBe(308);
    expect(moved.headers.get('location')).toBe(`${coordinator.url}/join?x=1`);
    const refused = await fetch(`${plain}/v1/updates`, { method: 'PUT', body: 'x' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('https://');
  });

  test('has a plain address for participants in its own process', async () => {
    const within = await coordinator.urlWithin();
    expect(within).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const run = await coordinator.createRun(smallTask());
    const ticket = await coordinator.admissionTicket(run, 1);
    const joined = await fetch(`${within}/v1/join`, { headers: { authorization: `Bearer ${ticket}` } });
    expect(joined.status).toBe(200);
    const socket = io(within, { path: SOCKET_PATH, transports: ['websocket'], forceNew: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(null));
      socket.once('connect_error', reject);
    });
    socket.disconnect();
  });
});
