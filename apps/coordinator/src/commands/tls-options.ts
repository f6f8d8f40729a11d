/** The options by which `serve` and `doctor` are told about TLS. */
import type { TlsChoice } from '../network/tls.ts';
import { UsageError } from './command.ts';

export const TLS_OPTIONS = {
  tls: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
} as const;

export function tlsChoice(values: {
  tls?: string | undefined;
  'tls-cert'?: string | undefined;
  'tls-key'?: string | undefined;
}): TlsChoice | null {
  const { tls, 'tls-cert': certificateFile, 'tls-key': keyFile } = values;
  if (tls !== undefined && tls !== 'self-signed') {
    throw new UsageError(
      `--tls ${tls}: the only one is self-signed; for files there are --tls-cert and --tls-key`,
    );
  }
  if (certificateFile === undefined && keyFile === undefined) return tls ? { kind: tls } : null;
  if (tls)
    throw new UsageError('--tls self-signed makes its own certificate: leave out --tls-cert and --tls-key');
  if (certificateFile === undefined || keyFile === undefined) {
    throw new UsageError('--tls-cert and --tls-key belong together');
  }
  return { kind: 'files', certificateFile, keyFile };
}
