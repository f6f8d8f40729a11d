/** SHA-256 by OpenSSL: the coordinator's implementation of the port. */
import { createHash } from 'node:crypto';
import type { Sha256 } from '@tributary/fl-core';

export const nativeSha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
