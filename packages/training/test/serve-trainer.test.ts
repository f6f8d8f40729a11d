/** The worker's side, with a model that has no base: its complaint shows what a call was given. */
import { initialParameters } from '@tributary/fl-core';
import { expect, it, vi } from 'vitest';
import type { MessageFromWorker } from '../src/worker/messages.ts';
import { serveTrainer } from '../src/worker/serve-trainer.ts';
import { clouds, SOFTMAX } from './small-problems.ts';

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
