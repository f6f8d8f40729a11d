import './vault.css';
import { Group, Stack, Text } from '@mantine/core';
import type { TaskManifest } from '@tributary/fl-core';
import type { VaultChange } from '@tributary/participant';
import { type KeyboardEvent, useState } from 'react';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';
import { AddFiles } from './add-files.tsx';
import { DataSetList } from './data-set-list.tsx';
import { DigitPad } from './digit-pad.tsx';
import { ImportPanel } from './import-panel.tsx';
import { StorageState } from './storage-state.tsx';
import { UndoButton } from './undo-button.tsx';
import type { OwnExamples } from './use-own-examples.ts';

interface OwnExamplesProps {
  readonly manifest: TaskManifest;
  readonly own: OwnExamples;
  /** Called before anything that is in use is deleted for good. */
  readonly onErase: () => Promise<void>;
}

export function OwnExamplesSection({ manifest, own, onErase }: OwnExamplesProps) {
  const { data, eligibility } = manifest;
  const { counts, dataSets } = own;
  const text = words.data;
  const [undone, setUndone] = useState<VaultChange | 'nothing' | null>(null);
  const undo = async () => setUndone((await own.undo()) ?? 'nothing');
  const byKey = (event: KeyboardEvent) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z';
    if (!isUndo || isTyping(event.target)) return;
    event.preventDefault();
    void undo();
  };

  return (
    <Section
      title={text.title}
      aside={
        <Text data-testid="example-count" data-count={counts.all} data-training={counts.training} fw={600}>
          {text.have(counts.all)}
        </Text>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only takes back what the controls inside did */}
      <div onKeyDown={byKey}>
        <Stack gap="sm">
          {counts.all === 0 ? (
            <Text>{text.none}</Text>
          ) : (
            <Text size="sm">{text.split(counts.training, counts.all - counts.training)}</Text>
          )}
          {eligibility.minimumExamples > 1 && (
            <Text size="sm">{text.needed(eligibility.minimumExamples)}</Text>
          )}
          <AddFiles data={data} own={own} />
          <ImportPanel data={data} own={own} />
          {data.kind === 'image' && data.channels === 1 && (
            <details>
              <summary>{text.draw}</summary>
              <DigitPad data={data} onAdd={own.add} />
            </details>
          )}
          <DataSetList own={own} onErase={onErase} />
          <UndoButton change={own.lastChange} undone={undone} onUndo={undo} />
          <StorageState changes={own.dataSets} />
          {dataSets.length > 0 && (
            <Group>
              <ConfirmedAction
                label={text.deleteAll}
                question={text.deleteAllSure(
                  dataSets.length,
                  dataSets.reduce((sum, { rowCount }) => sum + rowCount, 0),
                )}
                yes={text.deleteYes}
                no={text.deleteNo}
                testId="delete-examples"
                onConfirmed={async () => {
                  await onErase();
                  await own.deleteAll();
                }}
              />
            </Group>
          )}
        </Stack>
      </div>
    </Section>
  );
}

const isTyping = (target: EventTarget) => target instanceof HTMLInputElement && target.type === 'text';
