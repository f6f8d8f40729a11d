/** Every data set on this device: those that this run can use, then the others. */
import { Button, Group, Text, Title } from '@mantine/core';
import { lazy, Suspense, useEffect, useState } from 'react';
import { CheckBox } from '../appearance/check-box.tsx';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { bytes, dayAndTime } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { ClassBalance } from './class-balance.tsx';
import type { ListedDataSet, OwnExamples } from './use-own-examples.ts';

// Training needs nothing of it: it is for those who look at single rows.
const RowsView = lazy(() => import('./rows-view.tsx'));

interface DataSetListProps {
  readonly own: OwnExamples;
  readonly onErase: () => Promise<void>;
}

export function DataSetList({ own, onErase }: DataSetListProps) {
  const text = words.data;
  if (own.dataSets.length === 0) return null;
  const others = own.dataSets.filter(({ fits }) => !fits);
  const list = (dataSets: readonly ListedDataSet[]) => (
    <ul className="data-sets">
      {dataSets.map((dataSet) => (
        <DataSetItem key={dataSet.id} dataSet={dataSet} own={own} onErase={onErase} />
      ))}
    </ul>
  );
  return (
    <div>
      <Title order={3}>{text.setsTitle}</Title>
      {list(own.dataSets.filter(({ fits }) => fits))}
      {others.length > 0 && (
        <details>
          <summary>{text.otherSets(others.length)}</summary>
          {list(others)}
        </details>
      )}
    </div>
  );
}

function DataSetItem({ dataSet, own, onErase }: DataSetListProps & { dataSet: ListedDataSet }) {
  const text = words.data;
  const [isOpen, setIsOpen] = useState(false);
  const { id, name, rowCount, encrypted, sizeBytes, createdAt } = dataSet;
  // The box answers at once; storing the choice may take its turn after other changes.
  const [wanted, setWanted] = useState<boolean | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is stored has caught up
  useEffect(() => setWanted(null), [dataSet.inUse]);
  const use = async (inUse: boolean) => {
    setWanted(inUse);
    if (!(await own.setInUse(id, inUse))) setWanted(null);
  };
  return (
    <li className="data-set" data-testid="data-set" data-rows={rowCount} data-encrypted={encrypted}>
      <Group justify="space-between" gap="xs" align="baseline">
        <Text fw={600}>{name}</Text>
        <span className="encryption" data-encrypted={encrypted || undefined}>
          {encrypted ? text.encrypted : text.notEncrypted}
        </span>
      </Group>
      <Text size="sm" className="quiet">
        {text.rows(rowCount)} · {bytes(sizeBytes)} · {text.addedAt(dayAndTime(createdAt))}
      </Text>
      <ClassBalance dataSet={dataSet} />
      <Group gap="xs" mt="xs">
        {dataSet.fits && (
          <CheckBox
            label={text.inUse}
            aria-label={`${text.inUse}: ${name}`}
            checked={wanted ?? dataSet.inUse}
            data-testid="in-use"
            onChange={(event) => void use(event.currentTarget.checked)}
          />
        )}
        <Button
          variant="default"
          size="sm"
          aria-expanded={isOpen}
          aria-label={isOpen ? text.hideSet(name) : text.lookAt(name)}
          data-testid="open-rows"
          onClick={() => setIsOpen(!isOpen)}
        >
          {isOpen ? text.hide : text.look}
        </Button>
        <ConfirmedAction
          label={text.deleteSet(name)}
          question={text.deleteSetSure(name, rowCount, encrypted)}
          yes={text.deleteYes}
          no={text.deleteNo}
          testId="delete-set"
          onConfirmed={async () => {
            if (dataSet.inUse) await onErase();
            await own.deleteDataSet(id);
          }}
        />
      </Group>
      {isOpen && (
        <Suspense>
          <RowsView dataSet={dataSet} own={own} />
        </Suspense>
      )}
    </li>
  );
}
