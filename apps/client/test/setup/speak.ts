/** In a browser `main.tsx` does this before anything is drawn. */
import { admin } from '../../src/messages/en/admin.ts';
import { participant } from '../../src/messages/en/participant.ts';
import { secureSum } from '../../src/messages/en/secure-sum.ts';
import { speak } from '../../src/messages/index.ts';

await speak('en', async () => ({ ...participant, ...admin, secureSum }));
