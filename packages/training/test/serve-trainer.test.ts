/** The worker's side, with a model that has no base: its complaint shows what a call was given. */
import { initialParameters } from '@tributary/fl-core';
import { expect, it, vi } from 'vitest';
import type { MessageFromWorker } from '../src/worker/messages.ts';
import { serveTrainer } from '../src/worker/serve-trainer.ts';
import { clouds, localTraining, SOFTMAX } from './small-problems.ts';

it('gives a base model to the calls that belong to it, and to no others', async () => {
  const answers: MessageFromWorker[] = [];
  const receive = serveTrainer((message) => answers.push(message));
  receive({ type: 'open', options: { model: SOFTMAX, prefer: 'plain' } });
  receive({ type: 'base', frozen: initialParameters(SOFTMAX, 'base') });
  const request = {
    model: SOFTMAX,
    parameters: initialParameters(SOFTMAX, 'served'),
    examples: clouds(SOFTMAX, 10),
  };
  receive({ type: 'evaluate', call: 1, request: { ...request, onBase: false } });
  receive({ type: 'evaluate', call: 2, request: { ...request, onBase: true } });
  await vi.waitFor(() => expect(answers).toHaveLength(3));
  const answerTo = (call: number) => answers.find((answer) => 'call' in answer && answer.call === call);
  expect(answerTo(1)?.type).toBe('evaluated');
  expect(answerTo(2)).toMatchObject({
    type: 'failed',
    error: { code: 'data-invalid', message: expect.stringContaining('has no base model') },
  });
});

it('lets a training that may hardly work at all work as soon as its limit is lifted', async () => {
  const answers: MessageFromWorker[] = [];
  const receive = serveTrainer((message) => answers.push(message));
  receive({ type: 'open', options: { model: SOFTMAX, prefer: 'plain' } });
  const request = {
    ...{ model: SOFTMAX, initial: initialParameters(SOFTMAX, 'served'), seed: 'served', onBase: false },
    examples: clouds(SOFTMAX, 5000),
    training: localTraining({ epochs: 50 }),
  };
  receive({
    type: 'train',
    call: 1,
    request,
    wantsCheckpoints: false,
    checkpointEveryMs: 0,
    dutyCycle: 0.01,
  });
  // Ten seconds of rest for every slice of a tenth, unless the message comes through.
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  receive({ type: 'workLimit', call: 1, dutyCycle: 1 });
  await vi.waitFor(() => expect(answers.at(-1)?.type).toBe('trained'), { timeout: 30_000 });
}, 40_000);
