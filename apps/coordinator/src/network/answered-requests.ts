/** What is still arriving after its answer went out is worth little patience. */
import type { FastifyInstance } from 'fastify';
import { LIMITS } from './limits.ts';

/** Without this a refused request could go on sending for as long as an accepted one. */
export function endAnsweredRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete || raw.destroyed) return;
    const patience = setTimeout(() => raw.destroy(), LIMITS.restOfBodyMs);
    raw.once('close', () => clearTimeout(patience));
    raw.once('end', () => clearTimeout(patience));
  });
}
