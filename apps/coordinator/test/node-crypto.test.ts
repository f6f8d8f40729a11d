import { secAggCryptoContract } from '../../../packages/privacy/test/secagg-crypto.contract.ts';
import { openNodeCrypto } from '../src/secure-sum/node-crypto.ts';

secAggCryptoContract('node:crypto', async () => openNodeCrypto());
