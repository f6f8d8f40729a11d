import { plainCrypto } from '@tributary/privacy/plain-crypto';
import { secAggCryptoContract } from './secagg-crypto.contract.ts';
import { seededBytes } from './seeded-bytes.ts';

secAggCryptoContract('the plain implementation', async () => plainCrypto(seededBytes('plain')));
