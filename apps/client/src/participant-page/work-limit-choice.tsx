import { NativeSelect } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { words } from '../messages/index.ts';
import { chooseWorkShare, DUTY_CYCLES, deviceWorkLimit, isWorkShare, workShareOf } from './work-limit.ts';

/** How hard this device may work; also while it works. */
export function WorkLimitChoice() {
  const text = words.taking.workLimit;
  const limit = deviceWorkLimit();
  const share = useSyncExternalStore(limit.onChange, () => workShareOf(limit));
  return (
    <NativeSelect
      data-testid="work-limit"
      label={text.title}
      description={text.does}
      value={share}
      onChange={({ currentTarget: { value } }) => isWorkShare(value) && chooseWorkShare(value)}
      data={Object.entries(DUTY_CYCLES).map(([value, dutyCycle]) => ({
        value,
        label: text.choice(dutyCycle),
      }))}
    />
  );
}
