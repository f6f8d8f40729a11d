/** TLS of its own: what a browser, a Node client and somebody without `https:` meet. */
import { execFile } from 'node:child_process';
import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as x509 from '@peculiar/x509';
import { SOCKET_PATH } from '@tributary/fl-core';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { UsageError } from '../src/commands/command.ts';
import { serve } from '../src/commands/serve.ts';
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

describe('a certificate that somebody else signed', () => {
  test('binds its host name to HTTPS, over HTTPS', async () => {
    const { authority, certificate, key } = await signedCertificate();
    const where = await mkdtemp(join(folder, 'signed-'));
    const [certificateFile, keyFile] = [join(where, 'c.pem'), join(where, 'k.pem')];
    await writeFile(certificateFile, certificate);
    await writeFile(keyFile, key);
    const signed = await startCoordinator({
      dataFolder: null,
      logLevel: 'silent',
      tls: { kind: 'files', certificateFile, keyFile },
    });
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(`${signed.url}/healthz`, { ca: authority }, resolve).on('error', reject).end();
      });
      response.resume();
      expect(response.headers['strict-transport-security']).toMatch(/^max-age=\d{7,}$/);
      const within = await fetch(`${await signed.urlWithin()}/healthz`);
      expect(within.headers.get('strict-transport-security')).toBeNull();
    } finally {
      await signed.close();
    }
  });
});

/** By an authority that is made for the occasion. */
async function signedCertificate(): Promise<{ authority: string; certificate: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const [authorityKeys, keys] = await Promise.all(
    [1, 2].map(() => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])),
  );
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=An authority',
    keys: authorityKeys!,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
    ...validity,
  });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    publicKey: keys!.publicKey,
    signingKey: authorityKeys!.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    ...validity,
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys!.privateKey)).toString('base64');
  return {
    authority: authority.toString('pem'),
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
}

describe('the options of `serve`', () => {
  test.each([
    [['--tls-cert', 'c.pem'], 2, '--tls-cert and --tls-key belong together'],
    [['--tls', 'letsencrypt'], 2, 'the only one is self-signed'],
    [['--tls', 'self-signed', '--tls-cert', 'c.pem', '--tls-key', 'k.pem'], 2, 'makes its own certificate'],
    [['--tls-cert', '/nowhere/c.pem', '--tls-key', '/nowhere/k.pem'], 1, '/nowhere/c.pem cannot be read'],
    [['--trust-proxy', 'everybody'], 2, '--trust-proxy everybody'],
    [['--allow-origin', '*'], 2, '--allow-origin *'],
    [['--sockets-per-address', '0'], 2, '--sockets-per-address is a number'],
  ])('that are wrong are explained: %j', async (options, code, message) => {
    const data = await mkdtemp(join(folder, 'serve-'));
    const failure = await serve
      .run(['--port', '0', '--data', data, ...options])
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining(message) });
    expect(failure instanceof UsageError ? 2 : 1).toBe(code);
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
