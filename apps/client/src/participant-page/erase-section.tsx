import { Group, Text } from '@mantine/core';
import type { DataSetId, DataSetSummary, Vault } from '@tributary/participant';
import { useEffect, useState } from 'react';
import { CheckBox } from '../appearance/check-box.tsx';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { Section } from '../appearance/section.tsx';
import { words } from '../messages/index.ts';

interface EraseProps {
  readonly isBusy: boolean;
  /** Rounds in which an update of this device was accepted. */
  readonly contributions: number;
  readonly vault: Pick<Vault, 'list' | 'onChange'>;
  readonly isOfThisRun: (dataSet: DataSetSummary) => boolean;
  /** Called with the data sets that go, too. */
  readonly onErase: (dataSets: readonly DataSetId[]) => Promise<void>;
}

/** The one place to leave for good, with what that erases and what it cannot undo. */
export function EraseSection({ isBusy, contributions, vault, isOfThisRun, onErase }: EraseProps) {
  const text = words.erase;
  const [others, setOthers] = useState(0);
  const [alsoOthers, setAlsoOthers] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is of this run does not change
  useEffect(() => {
    const count = () =>
      void vault.list().then((sets) => setOthers(sets.filter((dataSet) => !isOfThisRun(dataSet)).length));
    count();
    return vault.onChange(count);
  }, [vault]);
  const erase = async () => {
    const going = (await vault.list()).filter((dataSet) => alsoOthers || isOfThisRun(dataSet));
    await onErase(going.map(({ id }) => id));
  };
  return (
    <Section title={text.title}>
      <div className="leaves-and-stays">
        <div>
          <Text component="h3" fw={650} m={0}>
            {text.erases}
          </Text>
          <ul>
            {text.erased.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </div>
        <div>
          <Text component="h3" fw={650} m={0}>
            {text.cannot}
          </Text>
          <ul>
            {[text.updatesStay(contributions), ...text.remains].map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        </div>
      </div>
      {others > 0 && (
        <CheckBox
          label={text.alsoOthers(others)}
          checked={alsoOthers}
          onChange={({ currentTarget }) => setAlsoOthers(currentTarget.checked)}
          data-testid="erase-others"
        />
      )}
      <Group>
        {isBusy ? (
          <Text role="status">{text.busy}</Text>
        ) : (
          <ConfirmedAction
            label={text.button}
            question={text.question}
            yes={text.yes}
            no={text.no}
            testId="erase"
            onConfirmed={erase}
          />
        )}
      </Group>
    </Section>
  );
}
