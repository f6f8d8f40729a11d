/** The first screen: what the run is, what leaves and what stays, and three steps. Details wait behind a click. */
import { Stack, Text, Title } from '@mantine/core';
import {
  baseShapes,
  frameLength,
  type JoinInfo,
  type ModelSpec,
  parameterCount,
  parameterShapes,
  type TaskManifest,
} from '@tributary/fl-core';
import type { ReactNode } from 'react';
import { CheckBox } from '../appearance/check-box.tsx';
import { Facts } from '../appearance/facts.tsx';
import { Notice } from '../appearance/notice.tsx';
import { saveFile } from '../appearance/save-file.ts';
import { bytes } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { receiptFile } from './consent-receipt.ts';
import { privacyStatements } from './privacy-statements.ts';
import type { Consent } from './use-consent.ts';

interface OverviewProps {
  readonly join: JoinInfo;
  readonly consent: Consent;
  readonly hasExamples: boolean;
  readonly takingPart: boolean;
}

export function OverviewSection({ join, consent, hasExamples, takingPart }: OverviewProps) {
  const { manifest } = join;
  const text = words.overview;
  const { state } = consent;
  const { updatesAreVisible, updateSize } = privacyStatements(manifest);
  const isGiven = state.kind === 'given';
  return (
    <section className="overview" aria-labelledby="run-name">
      <div className="overview-title">
        <Title order={1} id="run-name">
          {manifest.name}
        </Title>
        <span className="run-status" data-testid="run-status">
          {words.run.status[join.status]}
        </span>
      </div>
      <Text>{manifest.description || words.run.noDescription}</Text>
      <ul className="in-short">
        <li data-side="leaves">
          <b>{words.privacy.leaves}:</b>{' '}
          {updatesAreVisible ? text.leaves(updateSize) : words.secureSum.privacy.leavesInShort(updateSize)}
        </li>
        <li data-side="stays">
          <b>{words.privacy.stays}:</b> {text.stays}
        </li>
        <li data-side="careful">
          <b>{text.careful}</b> {updatesAreVisible ? text.visible : words.secureSum.privacy.visibleInShort}
        </li>
      </ul>
      <ol className="steps">
        <Step isDone={isGiven} title={text.agree}>
          <CheckBox
            data-testid="consent"
            checked={isGiven || state.kind === 'signing'}
            disabled={state.kind === 'checking'}
            aria-busy={state.kind === 'signing'}
            onChange={({ currentTarget }) => {
              if (currentTarget.checked) return void consent.give();
              consent.withdraw();
            }}
            label={words.privacy.consent}
          />
          <ConsentWords consent={consent} runId={join.runId} />
        </Step>
        <Step isDone={hasExamples} title={text.addData}>
          <StepLink to="own-examples">{hasExamples ? text.dataIsHere : text.dataHow}</StepLink>
        </Step>
        <Step isDone={takingPart} title={text.start}>
          <StepLink to="taking-part">{takingPart ? text.started : text.startHow}</StepLink>
        </Step>
      </ol>
      <details>
        <summary>{words.privacy.title}</summary>
        <PrivacyDetails manifest={manifest} />
      </details>
      <details>
        <summary>{words.run.title}</summary>
        <RunDetails join={join} />
      </details>
    </section>
  );
}

function Step({ isDone, title, children }: { isDone: boolean; title: string; children: ReactNode }) {
  return (
    <li data-done={isDone || undefined}>
      <b>
        {title}
        {isDone && <span className="done-mark"> ✓ {words.overview.done}</span>}
      </b>
      <div>{children}</div>
    </li>
  );
}

/** Not a link: the fragment of the address belongs to the ticket. */
function StepLink({ to, children }: { to: string; children: ReactNode }) {
  const go = () => {
    const target = document.getElementById(to);
    target?.scrollIntoView({ block: 'start' });
    target?.focus({ preventScroll: true });
  };
  return (
    <button type="button" className="plain-action" onClick={go}>
      {children}
    </button>
  );
}

/** What became of the consent: signed, to be asked for again, or not possible. */
function ConsentWords({ consent: { state }, runId }: { consent: Consent; runId: string }) {
  const text = words.consent;
  switch (state.kind) {
    case 'checking':
      return null;
    case 'signing':
      return <Text size="sm">{text.signing}</Text>;
    case 'failed':
      return <Notice tone="bad">{text.failed}</Notice>;
    case 'open':
      return state.changes.length === 0 ? null : (
        <Notice tone="careful" title={text.againTitle} data-testid="consent-again">
          <Text size="sm">{text.again}</Text>
          <ul>
            {state.changes.map((change) => (
              <li key={change}>{text.changes[change]}</li>
            ))}
          </ul>
        </Notice>
      );
    case 'given':
      return (
        <Text size="sm" className="quiet">
          {state.isKept ? text.signed : text.signedNotKept}{' '}
          <button
            type="button"
            className="plain-action"
            data-testid="consent-receipt"
            onClick={() =>
              saveFile(
                `${runId}-consent.json`,
                receiptFile(state.receipt, text.howToVerify),
                'application/json',
              )
            }
          >
            {text.save}
          </button>
        </Text>
      );
  }
}

function PrivacyDetails({ manifest }: { manifest: TaskManifest }) {
  const text = words.privacy;
  const { leaves, stays, warning } = privacyStatements(manifest);
  return (
    <Stack gap="sm" pt="xs">
      <div className="leaves-and-stays">
        <Statements title={text.leaves} items={leaves} />
        <Statements title={text.stays} items={stays} />
      </div>
      <Notice tone="careful" role="note">
        {warning.map((sentence) => (
          <Text size="sm" key={sentence} mb={4}>
            {sentence}
          </Text>
        ))}
      </Notice>
    </Stack>
  );
}

function Statements({ title, items }: { title: string; items: readonly string[] }) {
  return (
    <div>
      <Text component="h2" fw={650} m={0} fz="md">
        {title}
      </Text>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}

function modelWords(model: ModelSpec): string {
  const { run: text } = words;
  const base = baseShapes(model);
  const trained = text.parameters(parameterCount(parameterShapes(model)));
  const kind = text.modelKinds[model.kind];
  return base ? text.adapters(kind, trained, bytes(frameLength(base))) : `${kind}, ${trained}`;
}

function RunDetails({ join: { manifest, committedRounds } }: { join: JoinInfo }) {
  const text = words.run;
  const { rounds, training, data, model } = manifest;
  return (
    <Stack gap="xs" pt="xs">
      <Facts
        items={[
          [text.learns, data.kind === 'text' ? text.nextCharacter : text.classes(data.labels)],
          [text.model, modelWords(model)],
          [text.together, text.perRound(rounds.reportGoal, rounds.minimumSurvivors)],
          [text.yourWork, text.localWork(training.epochs, rounds.trainingSeconds)],
        ]}
      />
      <Text size="sm" className="quiet">
        {text.progress(committedRounds, rounds.committedRounds)}
      </Text>
    </Stack>
  );
}
