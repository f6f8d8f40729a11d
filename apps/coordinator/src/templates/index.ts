/** Tasks to start from; each is a whole manifest. */
import { type Template, TributaryError } from '@tributary/fl-core';
import { charGru } from './char-gru.ts';
import { charTransformer } from './char-transformer.ts';
import { digitsMlp } from './digits-mlp.ts';
import { digitsSoftmax } from './digits-softmax.ts';
import { incomeMlp } from './income-mlp.ts';
import { mcmahan2nn } from './mcmahan-2nn.ts';
import { mcmahanCnn } from './mcmahan-cnn.ts';
import { separableCnn } from './separable-cnn.ts';

export const TEMPLATES: readonly Template[] = [
  digitsSoftmax,
  digitsMlp,
  mcmahan2nn,
  mcmahanCnn,
  separableCnn,
  incomeMlp,
  charGru,
  charTransformer,
];

/** @throws TributaryError `not-found` */
export function findTemplate(id: string): Template {
  const template = TEMPLATES.find((candidate) => candidate.id === id);
  if (!template) {
    const known = TEMPLATES.map((candidate) => candidate.id).join(', ');
    throw new TributaryError('not-found', `no template of this name; there are ${known}`);
  }
  return template;
}
