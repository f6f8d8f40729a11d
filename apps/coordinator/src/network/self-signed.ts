/**
 * A certificate that nobody vouches for: enough for a class or a lab, where people compare its fingerprint with the
 * one on the board. It is kept, so that the fingerprint stays the same from one start to the next.
 */
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';

export interface CertificateAndKey {
  /** PEM; the chain behind the certificate, if any, in the same text. */
  readonly certificate: string;
  /** PEM, secret. */
  readonly key: string;
}

const DAY_MS = 24 * 3_600_000;
/** Some systems refuse certificates that are valid for more than 825 days, some for more than 398. */
const VALID_DAYS = 365;
/** With fewer days left than this at a start a new one is made. */
const SPARE_DAYS = 30;
/** A device whose clock is behind must not find the certificate to be of tomorrow. */
const BACKDATED_DAYS = 2;

/**
 * @param folder the data folder; null makes one that is forgotten with the process
 * @param names host names and addresses that it must be good for
 */
export async function selfSignedCertificate(
  folder: string | null,
  names: readonly string[],
  now = Date.now(),
): Promise<CertificateAndKey> {
  const kept = folder === null ? null : await readKept(folder);
  if (kept && isGoodFor(kept, names, now)) return kept;
  const made = await makeCertificate(names, now);
  if (folder !== null) await keep(folder, made);
  return made;
}

/** Public: what `NODE_EXTRA_CA_CERTS` of a program on this machine points at. */
export const certificatePath = (folder: string): string => join(folder, 'tls', 'certificate.pem');
const keyPath = (folder: string): string => join(folder, 'tls', 'key.pem');

function isGoodFor({ certificate, key }: CertificateAndKey, names: readonly string[], now: number): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    return (
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      Date.parse(parsed.validTo) - now > SPARE_DAYS * DAY_MS &&
      Date.parse(parsed.validFrom) <= now &&
      names.every((name) => (isIP(name) ? parsed.checkIP(name) : parsed.checkHost(name)) !== undefined)
    );
  } catch {
    // Half a file, or none of ours: a new one is made.
    return false;
  }
}

async function makeCertificate(names: readonly string[], now: number): Promise<CertificateAndKey> {
  // Loaded here alone: whoever brings a certificate, or none, does not wait for the library.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Positive, and of a length that everybody takes.
    serialNumber: `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`,
    name: 'CN=Tributary coordinator',
    notBefore: new Date(now - BACKDATED_DAYS * DAY_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
      ),
      // It vouches for itself only: whoever trusts it trusts nothing else with it.
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${key.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END PRIVATE KEY-----\n`,
  };
}

async function readKept(folder: string): Promise<CertificateAndKey | null> {
  const read = (path: string) =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
  const [certificate, key] = await Promise.all([read(certificatePath(folder)), read(keyPath(folder))]);
  return certificate !== null && key !== null ? { certificate, key } : null;
}

/** Key and certificate are compared when they are read, so an end between the two writes costs a fingerprint at most. */
async function keep(folder: string, { certificate, key }: CertificateAndKey): Promise<void> {
  await mkdir(join(folder, 'tls'), { recursive: true, mode: 0o700 });
  await chmod(join(folder, 'tls'), 0o700);
  await writeWhole(keyPath(folder), key);
  await writeWhole(certificatePath(folder), certificate);
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
