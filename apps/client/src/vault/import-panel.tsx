/** The import under way: how far it is, what it found, and what became of it. */
import { Button, Group, Stack, Text } from '@mantine/core';
import type { DataSchema } from '@tributary/fl-core';
import type { ExampleBatch } from '@tributary/participant';
import { useState } from 'react';
import { Notice } from '../appearance/notice.tsx';
import { ProgressBar } from '../appearance/progress-bar.tsx';
import { useNow } from '../appearance/use-now.ts';
import type { ImportOutcome, ImportProgress } from '../data-import/imported.ts';
import { words } from '../messages/index.ts';
import { ClassBalance } from './class-balance.tsx';
import { Picture } from './picture.tsx';
import { RejectionReport } from './rejection-report.tsx';
import { tableCells, textOf } from './row-words.ts';
import type { OwnExamples } from './use-own-examples.ts';

export function ImportPanel({ data, own }: { data: DataSchema; own: OwnExamples }) {
  const text = words.data;
  const state = own.importing;
  switch (state.phase) {
    case 'idle':
      return null;
    case 'reading':
      return <Reading progress={state.progress} onCancel={own.discard} />;
    case 'preview':
      return <Preview data={data} outcome={state.outcome} own={own} />;
    case 'storing':
      return (
        <Text role="status" data-testid="import-state" data-state="storing">
          {text.storing}
        </Text>
      );
    case 'done':
      return (
        <Notice
          tone={state.report && state.report.rejected > 0 ? 'careful' : 'good'}
          data-testid="import-state"
          data-state="done"
          data-added={state.added}
        >
          <Text>{text.added(state.added)}</Text>
          {state.report && <RejectionReport report={state.report} data={data} />}
        </Notice>
      );
    case 'failed':
      return (
        <Notice tone="bad" data-testid="import-state" data-state="failed">
          {state.message}
        </Notice>
      );
  }
}

function Reading({ progress, onCancel }: { progress: ImportProgress | null; onCancel: () => void }) {
  const text = words.data;
  const [begun] = useState(() => Date.now());
  const seconds = Math.floor((useNow(true) - begun) / 1000);
  const fraction = progress && progress.bytesTotal > 0 ? progress.bytesDone / progress.bytesTotal : 0;
  return (
    <Stack gap="xs" data-testid="import-state" data-state="reading">
      <Text role="status">{text.reading(0)}</Text>
      <ProgressBar fraction={fraction} label={text.readingProgress} />
      <Group gap="xs" justify="space-between">
        <Text size="sm" className="quiet">
          {seconds > 0 && text.reading(seconds)}{' '}
          {progress && text.readSoFar(progress.accepted, progress.rejected)}
        </Text>
        <Button size="sm" variant="default" onClick={onCancel} data-testid="import-cancel">
          {text.cancelReading}
        </Button>
      </Group>
    </Stack>
  );
}

const SHOWN_SAMPLES = 12;

function Preview({ data, outcome, own }: { data: DataSchema; outcome: ImportOutcome; own: OwnExamples }) {
  const text = words.data;
  const { examples, countsByLabel, report } = outcome;
  const accepted = examples ? examples.inputs.length / examples.rowSize : 0;
  return (
    <Notice
      tone={accepted === 0 ? 'bad' : report.rejected > 0 ? 'careful' : 'note'}
      title={accepted === 0 ? text.previewNothing : text.previewTitle}
      data-testid="import-state"
      data-state="preview"
      data-accepted={accepted}
      data-rejected={report.rejected}
    >
      <Stack gap="xs">
        <Text>{text.previewCounts(accepted, report.rejected)}</Text>
        {examples && (
          <>
            <ClassBalance dataSet={{ schema: data, countsByLabel, name: text.previewTitle }} />
            <Text size="sm">{text.previewSample}</Text>
            <Samples data={data} examples={examples} />
          </>
        )}
        <RejectionReport report={report} data={data} />
        <Group gap="xs">
          {examples && (
            <Button size="sm" onClick={() => void own.accept()} data-testid="import-accept">
              {text.addThese(accepted)}
            </Button>
          )}
          <Button size="sm" variant="default" onClick={own.discard} data-testid="import-discard">
            {examples ? text.discard : text.close}
          </Button>
        </Group>
      </Stack>
    </Notice>
  );
}

/** Some rows from all over the import. */
function Samples({ data, examples }: { data: DataSchema; examples: ExampleBatch }) {
  const count = examples.inputs.length / examples.rowSize;
  const shown = Math.min(count, SHOWN_SAMPLES);
  const rows = Array.from({ length: shown }, (_, i) => Math.floor((i * count) / shown));
  const { inputs, labels } = examples;
  switch (data.kind) {
    case 'image':
      return (
        <ul className="samples">
          {rows.map((row) => (
            <li key={row}>
              <Picture schema={data} inputs={inputs} row={row} />
              <span className="picture-label">{data.labels[labels[row]!]}</span>
            </li>
          ))}
        </ul>
      );
    case 'tabular':
      return (
        <ul className="sample-lines">
          {rows.slice(0, 5).map((row) => (
            <li key={row}>
              <b>{data.labels[labels[row]!]}</b>: {tableCells(data, inputs, row).join(', ')}
            </li>
          ))}
        </ul>
      );
    case 'text':
      return (
        <ul className="sample-lines">
          {rows.slice(0, 3).map((row) => (
            <li key={row}>{textOf(data, inputs, row)}</li>
          ))}
        </ul>
      );
  }
}
