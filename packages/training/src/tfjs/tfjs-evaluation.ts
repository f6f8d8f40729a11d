/** Evaluation and predictions on the tfjs backend that is set. */
import * as tf from '@tensorflow/tfjs-core';
import {
  type EvaluateRequest,
  type Evaluation,
  modelClasses,
  type Predictions,
  type StopSignal,
} from '@tributary/fl-core';
import { checkEvaluateRequest } from '../check-request.ts';
import { createEvaluationTally } from '../evaluation-tally.ts';
import { createPredictionRows } from '../prediction-rows.ts';
import { throwIfStopped, yieldToEvents } from '../stopping.ts';
import { buildModel } from './build-model.ts';
import { loadVariables } from './flat-parameters.ts';
import { gather } from './gather.ts';

/** Logits read back at once, in values. */
const CHUNK_VALUES = 65_536;
const CHUNK_EXAMPLES = 128;

interface Options {
  readonly signal?: StopSignal;
}

/** @throws TributaryError as `Trainer.evaluate` does */
export async function evaluateWithTfjs(request: EvaluateRequest, options: Options = {}): Promise<Evaluation> {
  const { model, examples } = request;
  const tally = createEvaluationTally(modelClasses(model), { confusion: true });
  for await (const { logits, labels } of logitChunks(request, options)) tally.add(logits, labels);
  return tally.result(examples.count);
}

/** @throws TributaryError as `Trainer.predict` does */
export async function predictWithTfjs(request: EvaluateRequest, options: Options = {}): Promise<Predictions> {
  const rows = createPredictionRows(modelClasses(request.model), request.examples.labels.length);
  for await (const { logits } of logitChunks(request, options)) rows.add(logits);
  return rows.result();
}

async function* logitChunks(
  request: EvaluateRequest,
  { signal }: Options,
): AsyncGenerator<{ readonly logits: Float32Array; readonly labels: Int32Array }> {
  checkEvaluateRequest(request);
  const { model: spec, examples, parameters } = request;
  const fitting = Math.floor(CHUNK_VALUES / (modelClasses(spec) * examples.labelsPerExample));
  const chunk = Math.max(1, Math.min(CHUNK_EXAMPLES, fitting));
  const model = await buildModel(spec);
  try {
    loadVariables(model.variables, parameters.values);
    for (let from = 0; from < examples.count; from += chunk) {
      throwIfStopped(signal);
      const count = Math.min(chunk, examples.count - from);
      const rows = Int32Array.from({ length: count }, (_, row) => from + row);
      const { inputs, labels } = gather(examples, rows);
      const logits = tf.tidy(() => model.logits(inputs, count, null));
      try {
        yield { logits: (await logits.data()) as Float32Array, labels };
      } finally {
        logits.dispose();
      }
      await yieldToEvents();
    }
  } finally {
    model.dispose();
  }
}
