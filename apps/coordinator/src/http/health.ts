/** `/healthz`: the process answers. `/readyz`: it can also take part in rounds. `/metrics`: Prometheus text. */
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';
import type { RunRegistry } from '../run/run-registry.ts';

export function serveHealth(
  app: FastifyInstance,
  { runs, metrics }: { runs: RunRegistry; metrics: Metrics },
): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const halted = runs.all().filter((run) => !run.isHealthy).length;
    return reply.status(halted > 0 ? 503 : 200).send({ ok: halted === 0, haltedRuns: halted });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
