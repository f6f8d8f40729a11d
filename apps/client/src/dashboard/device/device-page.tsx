/** How fast this browser trains on this device, and how fast it could. */
import { Button, Group, Stack, Text } from '@mantine/core';
import type { DeviceMeasurement, MeasuringProgress } from '@tributary/training/roofline';
import { Notice } from '../../appearance/notice.tsx';
import { ProgressBar } from '../../appearance/progress-bar.tsx';
import { Section } from '../../appearance/section.tsx';
import { words } from '../../messages/index.ts';
import { ViewTitle } from '../view-title.tsx';
import { BackendSection } from './backend-section.tsx';
import { useMeasurement } from './use-measurement.ts';
import { rooflineWords } from './words.ts';

export default function DevicePage() {
  const text = rooflineWords();
  const { state, start, cancel } = useMeasurement();
  const isMeasuring = state.phase === 'measuring';
  return (
    <Stack gap="md">
      <ViewTitle name={words.admin.thisDevice} />
      <Text>{text.about}</Text>
      <Group>
        {isMeasuring ? (
          <Button variant="default" onClick={cancel}>
            {words.admin.cancel}
          </Button>
        ) : (
          <Button onClick={start}>{state.phase === 'done' ? text.measureAgain : text.measure}</Button>
        )}
      </Group>
      {isMeasuring && <Progress progress={state.progress} />}
      {state.phase === 'failed' && (
        <Notice tone="bad" title={text.failed}>
          {state.message}
        </Notice>
      )}
      {state.phase === 'done' && <Measured measurement={state.measurement} />}
    </Stack>
  );
}

function Progress({ progress }: { progress: MeasuringProgress | null }) {
  const text = rooflineWords();
  const label = progress ? text.measuring(text.backends[progress.backend]) : words.admin.thisDevice;
  return (
    <div>
      <ProgressBar fraction={progress ? progress.done / progress.total : 'unknown'} label={label} />
      <Text size="sm" className="quiet">
        {label}
      </Text>
    </div>
  );
}

function Measured({ measurement: { backends, missing } }: { measurement: DeviceMeasurement }) {
  const text = rooflineWords();
  return (
    <>
      {backends.map((backend) => (
        <BackendSection key={backend.name} backend={backend} />
      ))}
      {missing.length > 0 && (
        <Section title={text.missing}>
          <ul>
            {missing.map(({ name, reason }) => (
              <li key={name}>{text.missingBecause(text.backends[name], reason)}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
