/** The way from a model to a run that trains adapters beside it. */
import { Button, Group, Text } from '@mantine/core';
import type { BlobHash, RunId } from '@tributary/fl-core';
import { words } from '../../messages/index.ts';
import { useMay } from '../operator-context.ts';
import { adaptAddress } from '../view.ts';

export function AdaptModel({ runId, modelHash }: { runId: RunId; modelHash: BlobHash }) {
  const text = words.admin.adapt;
  if (!useMay('operator')) return null;
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap" mt="sm">
      <div>
        <Text fw={600}>{text.title}</Text>
        <Text size="sm" className="quiet">
          {text.hint}
        </Text>
      </div>
      <Button
        component="a"
        variant="light"
        href={adaptAddress(runId, modelHash)}
        className="unshrunk"
        data-testid="adapt-model"
      >
        {text.begin}
      </Button>
    </Group>
  );
}
