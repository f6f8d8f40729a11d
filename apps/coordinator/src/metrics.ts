/** Prometheus metrics. No label holds an identifier of a run, a round or a person. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    connections: new Gauge({ name: 'tributary_connections', help: 'Open control connections', registers }),
    messages: new Counter({
      name: 'tributary_messages_total',
      help: 'Control messages received, by type or refusal code',
      labelNames: ['result'] as const,
      registers,
    }),
    updates: new Counter({
      name: 'tributary_updates_total',
      help: 'Uploads answered, by result code',
      labelNames: ['result'] as const,
      registers,
    }),
    rounds: new Counter({
      name: 'tributary_rounds_total',
      help: 'Rounds finished, by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    sums: new Counter({
      name: 'tributary_tuned_sums_total',
      help: 'Sums of runs that tune their step, by what was seen of them: none, raised, severe, coarse',
      labelNames: ['alarm'] as const,
      registers,
    }),
    bytes: new Counter({
      name: 'tributary_bulk_bytes_total',
      help: 'Bytes of models sent and updates received',
      labelNames: ['direction'] as const,
      registers,
    }),
    secureSumSeconds: new Histogram({
      name: 'tributary_secure_sum_seconds',
      help: 'Time of each stage of finished rounds with secure aggregation',
      labelNames: ['stage'] as const,
      buckets: [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
      registers,
    }),
    codedModels: new Counter({
      name: 'tributary_coded_models_total',
      help: 'Coded models sent, by themselves or as changes of an earlier one',
      labelNames: ['kind'] as const,
      registers,
    }),
    codingSeconds: new Histogram({
      name: 'tributary_model_coding_seconds',
      help: 'Time to code a model, waiting for others included',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
      registers,
    }),
    aggregationSeconds: new Histogram({
      name: 'tributary_aggregation_seconds',
      help: 'Time from the last update to the next model',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
      registers,
    }),
  };
}
