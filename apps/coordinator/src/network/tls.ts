/** TLS of the coordinator's own: from files, or with a certificate that it makes for itself. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { addressesFromElsewhere, isEveryAddress, machineNames } from './addresses.ts';
import { type CertificateAndKey, selfSignedCertificate } from './self-signed.ts';

interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export type TlsChoice = ({ readonly kind: 'files' } & TlsFiles) | { readonly kind: 'self-signed' };

export interface TlsIdentity extends CertificateAndKey {
  readonly kind: TlsChoice['kind'];
  /** SHA-256 of the certificate as browsers show it: `AB:CD:...` */
  readonly fingerprint: string;
  /** Somebody else signed it, so that a browser may take it without asking. */
  readonly isVouchedFor: boolean;
  readonly expiresAt: number;
}

/**
 * @returns null when none is wanted: plain HTTP
 * @throws Error that says which file is wrong and how
 */
export async function openTls(
  choice: TlsChoice | null,
  { dataFolder, host }: { dataFolder: string | null; host: string },
): Promise<TlsIdentity | null> {
  if (!choice) return null;
  if (choice.kind === 'files') return readTlsFiles(choice);
  return identityOf('self-signed', await selfSignedCertificate(dataFolder, namesToCover(host)));
}

/** @throws Error that says which file is wrong and how */
export async function readTlsFiles(files: TlsFiles): Promise<TlsIdentity> {
  return identityOf('files', await readPair(files));
}

function identityOf(kind: TlsChoice['kind'], pair: CertificateAndKey): TlsIdentity {
  const certificate = new X509Certificate(pair.certificate);
  return {
    ...pair,
    kind,
    fingerprint: certificate.fingerprint256,
    isVouchedFor: !certificate.verify(certificate.publicKey),
    expiresAt: Date.parse(certificate.validTo),
  };
}

function namesToCover(host: string): string[] {
  const named = isEveryAddress(host) ? [] : [host];
  return [
    ...new Set([
      'localhost',
      '127.0.0.1',
      '::1',
      ...named,
      ...machineNames(),
      ...addressesFromElsewhere(host),
    ]),
  ];
}

async function readPair({ certificateFile, keyFile }: TlsFiles): Promise<CertificateAndKey> {
  // One after the other, so that of two faults the same one is told each time.
  const certificate = await readText('certificate', certificateFile);
  const key = await readText('key', keyFile);
  const parsed = parsing(`${certificateFile} holds no certificate in PEM form`, () => {
    return new X509Certificate(certificate);
  });
  const privateKey: KeyObject = parsing(
    `${keyFile} holds no private key in PEM form without a passphrase`,
    () => createPrivateKey(key),
  );
  if (!parsed.checkPrivateKey(privateKey)) {
    throw new Error(`the key in ${keyFile} does not belong to the first certificate in ${certificateFile}`);
  }
  return { certificate, key };
}

function readText(what: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`the TLS ${what} ${path} cannot be read (${cause.code})`, { cause });
  });
}

/** What the parser says stays out of the message: it may quote what it read. */
function parsing<T>(message: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new Error(message);
  }
}
