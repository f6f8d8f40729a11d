import { NativeSelect } from '@mantine/core';
import type { TaskManifest } from '@tributary/fl-core';
import { useSyncExternalStore } from 'react';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';
import { chooseSmallestGroup, GROUP_SIZES, onSmallestGroup, smallestGroup } from './smallest-group.ts';

/** The fewest people that this device is added up with, and whether the run can ever have so many. */
export function SmallestGroupChoice({ manifest: { rounds } }: { manifest: TaskManifest }) {
  const text = words.secureSum.smallestGroup;
  const size = useSyncExternalStore(onSmallestGroup, smallestGroup);
  return (
    <>
      <NativeSelect
        data-testid="smallest-group"
        label={text.title}
        description={text.does(size)}
        value={String(size)}
        onChange={({ currentTarget: { value } }) => chooseSmallestGroup(Number(value))}
        data={GROUP_SIZES.map((choice) => ({ value: String(choice), label: text.choice(choice) }))}
      />
      {rounds.reportGoal < size && (
        <Notice tone="careful" data-testid="run-too-small">
          {text.runTooSmall(rounds.reportGoal, size)}
        </Notice>
      )}
    </>
  );
}
