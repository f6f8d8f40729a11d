/** Choosing, dropping and making up examples. Reading them happens in a worker. */
import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import type { DataSchema } from '@tributary/fl-core';
import { type DragEvent, useRef, useState } from 'react';
import { CheckBox } from '../appearance/check-box.tsx';
import type { ChosenFile } from '../data-import/import-files.ts';
import { canBeGenerated } from '../data-import/sample-possible.ts';
import { words } from '../messages/index.ts';
import { randomSeed } from '../participant-page/device.ts';
import { droppedFiles } from './dropped-files.ts';
import type { OwnExamples } from './use-own-examples.ts';

const SAMPLE_COUNT = 300;

const ACCEPTED = {
  image:
    '.png,.jpg,.jpeg,.webp,.zip,.gz,.idx,.idx1,.idx3,.idx1-ubyte,.idx3-ubyte,application/gzip,application/octet-stream',
  tabular: '.csv,.tsv,.txt,.zip,.gz,text/csv',
  text: '.txt,.md,.zip,.gz,text/plain',
} as const;

export function AddFiles({ data, own }: { data: DataSchema; own: OwnExamples }) {
  const text = words.data;
  const [fallbackLabel, setFallbackLabel] = useState<string | null>(null);
  const [inverted, setInverted] = useState(false);
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const busy = ['reading', 'storing'].includes(own.importing.phase);

  const requestFor = (chosen: readonly ChosenFile[]) =>
    ({ kind: 'files', data, files: chosen, options: { fallbackLabel, inverted } }) as const;
  const fromInput = (input: HTMLInputElement) => {
    const chosen = [...(input.files ?? [])].map((file) => ({
      path: file.webkitRelativePath || file.name,
      content: file,
    }));
    if (chosen.length > 0) void own.readFiles(requestFor(chosen));
    // The same file can be chosen again after a mistake.
    input.value = '';
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!busy) void own.readFiles(droppedFiles(event.dataTransfer).then(requestFor));
  };

  return (
    <Stack gap="sm">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the buttons inside do the same */}
      <div
        className="drop-zone"
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Group justify="center" gap="xs">
          <Button variant="light" size="sm" disabled={busy} onClick={() => files.current?.click()}>
            {text.choose}
          </Button>
          <Button variant="light" size="sm" disabled={busy} onClick={() => folder.current?.click()}>
            {text.chooseFolder}
          </Button>
          <Text span>{text.dropHere}</Text>
        </Group>
        <Text size="sm" className="quiet" mt="xs">
          {text.accepts[data.kind]}
          {data.kind === 'tabular' &&
            ` ${text.columns(
              data.columns.map((column) => column.name),
              data.labelColumn,
            )}`}
        </Text>
        <Text size="sm" className="quiet">
          {text.stays}
        </Text>
        <input
          ref={files}
          hidden
          type="file"
          multiple
          accept={ACCEPTED[data.kind]}
          data-testid="import-files"
          aria-label={text.choose}
          onChange={(event) => fromInput(event.currentTarget)}
        />
        <input
          ref={(element) => {
            folder.current = element;
            if (element) element.webkitdirectory = true;
          }}
          hidden
          type="file"
          data-testid="import-folder"
          aria-label={text.chooseFolder}
          onChange={(event) => fromInput(event.currentTarget)}
        />
      </div>
      <CheckBox
        checked={own.encrypting}
        disabled={!own.vault.canEncrypt}
        data-testid="encrypt-new"
        onChange={(event) => own.setEncrypting(event.currentTarget.checked)}
        label={text.encryptNew}
        description={own.vault.canEncrypt ? text.encryptWhat : text.cannotEncrypt}
      />
      {data.kind === 'image' && (
        <Group align="flex-end">
          <NativeSelect
            size="sm"
            label={text.fallbackLabel}
            value={fallbackLabel ?? ''}
            onChange={(event) => setFallbackLabel(event.currentTarget.value || null)}
            data={[{ value: '', label: text.noFallback }, ...data.labels]}
          />
          <CheckBox
            checked={inverted}
            onChange={(event) => setInverted(event.currentTarget.checked)}
            label={text.inverted}
          />
        </Group>
      )}
      {canBeGenerated(data) ? (
        <Group gap="xs">
          <Button
            variant="default"
            size="sm"
            disabled={busy}
            data-testid="add-sample"
            onClick={() =>
              void own.addSample({ kind: 'sample', data, count: SAMPLE_COUNT, seed: randomSeed() })
            }
          >
            {text.addSample(SAMPLE_COUNT)}
          </Button>
          <Text size="sm" className="quiet" flex="1 1 14rem">
            {text.sampleWhat[data.kind]} {text.sampleNote}
          </Text>
        </Group>
      ) : (
        <Text size="sm" className="quiet">
          {text.sampleNotPossible}
        </Text>
      )}
    </Stack>
  );
}
