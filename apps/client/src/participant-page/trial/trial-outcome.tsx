/** What the shared model says about one's own held-out examples, and what it says once it has trained on the others. */
import { Stack, Text } from '@mantine/core';
import type { DataSchema } from '@tributary/fl-core';
import { useState } from 'react';
import { decimal, finePercent } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { ConfusionTable } from './confusion-table.tsx';
import type { Judgement } from './judgement.ts';
import { SingleExamples } from './single-examples.tsx';
import type { Trial } from './trial.ts';

interface TrialOutcomeProps {
  readonly trial: Trial;
  readonly trained: Judgement | null;
  readonly schema: DataSchema;
}

export default function TrialOutcome({ trial, trained, schema }: TrialOutcomeProps) {
  const text = words.trial;
  const [isTrained, setIsTrained] = useState(true);
  const shown = trained && isTrained ? trained : trial.shared;
  const labels = schema.kind === 'text' ? [...schema.alphabet] : schema.labels;
  return (
    <Stack gap="sm" data-testid="trial-outcome">
      <Text size="sm">{text.of(trial.rounds, trial.heldOut.count)}</Text>
      <dl className="big-figures">
        <Figures name={text.shared} judgement={trial.shared} testId="trial-shared" />
        {trained && <Figures name={text.trained} judgement={trained} testId="trial-trained" />}
      </dl>
      {trained && (
        <label className="choice">
          <span>{text.show}</span>
          <select
            value={isTrained ? 'trained' : 'shared'}
            onChange={({ currentTarget }) => setIsTrained(currentTarget.value === 'trained')}
          >
            <option value="shared">{text.shared}</option>
            <option value="trained">{text.trained}</option>
          </select>
        </label>
      )}
      <ConfusionTable judgement={shown} labels={labels} />
      <SingleExamples judgement={shown} heldOut={trial.heldOut} schema={schema} labels={labels} />
    </Stack>
  );
}

function Figures({ name, judgement, testId }: { name: string; judgement: Judgement; testId: string }) {
  const { accuracy, loss } = judgement;
  return (
    <div data-testid={testId} data-accuracy={accuracy} data-loss={loss}>
      <dt>{name}</dt>
      <dd>{finePercent(accuracy)}</dd>
      <dd className="quiet lesser">{words.trial.loss(decimal(loss))}</dd>
    </div>
  );
}
