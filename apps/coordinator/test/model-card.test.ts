/** The card that goes with an exported model. */
import type { BlobHash, RunId } from '@tributary/fl-core';
import { expect, test } from 'vitest';
import { modelCard } from '../src/export/model-card.ts';
import { TEMPLATES } from '../src/templates/index.ts';

test.each(TEMPLATES.map(({ id, manifest }) => [id, manifest] as const))(
  'of %s leaves no gap where a part of a sentence does not apply',
  (_, manifest) => {
    const card = modelCard({
      ...{ runId: 'run-one' as RunId, manifest, frameBytes: 100, rounds: [], contributors: 0 },
      model: {
        ...{ roundNumber: 0, modelHash: 'ab'.repeat(32) as BlobHash, committedRounds: 0 },
        ...{ optimiserHash: null, isSuperseded: false },
      },
    });
    const facts = card.split('\n').filter((line) => /^- (?!Alphabet)/.test(line));
    expect(facts.length).toBeGreaterThan(5);
    expect(facts.filter((line) => / [ ;,.]/.test(line))).toEqual([]);
  },
);
