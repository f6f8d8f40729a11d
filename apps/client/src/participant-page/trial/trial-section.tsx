/** Try the shared model on one's own examples, before and after training on them here. */
import { Button, Group, Text } from '@mantine/core';
import { errorCodeOf } from '@tributary/fl-core';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Notice } from '../../appearance/notice.tsx';
import { ProgressBar } from '../../appearance/progress-bar.tsx';
import { Section } from '../../appearance/section.tsx';
import { words } from '../../messages/index.ts';
import type { Judgement } from './judgement.ts';
import { openTrial, type Trial, type TrialOptions } from './trial.ts';

// Only who tries the model looks at what comes of it.
const loadOutcome = () => import('./trial-outcome.tsx');
const TrialOutcome = lazy(loadOutcome);

type Doing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'training'; readonly fraction: number }
  | { readonly kind: 'failed'; readonly message: string };

interface TrialSectionProps {
  readonly options: Omit<TrialOptions, 'signal'>;
  readonly heldOutCount: number;
}

export function TrialSection({ options, heldOutCount }: TrialSectionProps) {
  const text = words.trial;
  const [trial, setTrial] = useState<Trial | null>(null);
  const [trained, setTrained] = useState<Judgement | null>(null);
  const [doing, setDoing] = useState<Doing>({ kind: 'nothing' });
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const attempt = async (work: (signal: AbortSignal) => Promise<void>) => {
    stop.current?.abort();
    const controller = new AbortController();
    stop.current = controller;
    try {
      await work(controller.signal);
      setDoing({ kind: 'nothing' });
    } catch (error) {
      if (controller.signal.aborted) return setDoing({ kind: 'nothing' });
      setDoing({ kind: 'failed', message: words.errors[errorCodeOf(error)] ?? text.failed });
    }
  };
  const open = () => {
    setDoing({ kind: 'opening' });
    return attempt(async (signal) => {
      const [opened] = await Promise.all([openTrial({ ...options, signal }), loadOutcome()]);
      setTrained(null);
      setTrial(opened);
    });
  };
  const train = (opened: Trial) => {
    setDoing({ kind: 'training', fraction: 0 });
    return attempt(async (signal) => {
      setTrained(
        await opened.trainHere(signal, ({ examplesDone, examplesTotal }) =>
          setDoing({ kind: 'training', fraction: examplesDone / examplesTotal }),
        ),
      );
    });
  };
  const isBusy = doing.kind === 'opening' || doing.kind === 'training';

  return (
    <Section title={text.title}>
      <Text size="sm" className="quiet">
        {heldOutCount === 0 ? text.noneHeldOut : text.what}
      </Text>
      <Group gap="sm">
        <Button
          variant={trial ? 'default' : 'filled'}
          disabled={heldOutCount === 0 || isBusy}
          loading={doing.kind === 'opening'}
          onClick={() => void open()}
          data-testid="try-model"
        >
          {trial ? text.openAgain : text.open}
        </Button>
        {trial && (
          <Button
            variant="default"
            disabled={isBusy}
            onClick={() => void train(trial)}
            data-testid="try-training"
          >
            {text.train}
          </Button>
        )}
        {isBusy && (
          <Button variant="default" onClick={() => stop.current?.abort()}>
            {text.cancel}
          </Button>
        )}
      </Group>
      <div role="status">
        {doing.kind === 'opening' && <Text size="sm">{text.opening}</Text>}
        {doing.kind === 'failed' && <Notice tone="careful">{doing.message}</Notice>}
      </div>
      {doing.kind === 'training' && (
        <ProgressBar fraction={doing.fraction} label={text.training} testId="trial-progress" />
      )}
      {trial && (
        <Suspense>
          <TrialOutcome trial={trial} trained={trained} schema={options.join.manifest.data} />
        </Suspense>
      )}
    </Section>
  );
}
