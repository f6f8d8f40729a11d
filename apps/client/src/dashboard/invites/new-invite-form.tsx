import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createInviteSchema, type RunId } from '@tributary/fl-core';
import { type FormEvent, useState } from 'react';
import * as z from 'zod/mini';
import { createInvite } from '../../api/admin.ts';
import { words } from '../../messages/index.ts';
import { CopyField } from '../copy-field.tsx';
import { Problem } from '../problem.tsx';

const VALIDITIES_HOURS = [1, 8, 24, 24 * 7, 24 * 30, 24 * 365];

export function NewInviteForm({ runId }: { runId: RunId }) {
  const text = words.admin;
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [validHours, setValidHours] = useState(24 * 7);
  const [devices, setDevices] = useState('');
  const making = useMutation({
    mutationFn: () =>
      createInvite(runId, {
        label: label.trim(),
        validHours,
        maximumDevices: devices === '' ? null : Number(devices),
      }),
    onSuccess: () => {
      setLabel('');
      return queries.invalidateQueries({ queryKey: ['run', runId, 'invites'] });
    },
  });
  const maximumDevices = devices === '' ? null : Number(devices);
  const isPossible = z.safeParse(createInviteSchema, { maximumDevices }).success;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isPossible) making.mutate();
  };
  return (
    <form onSubmit={submit} className="stacked">
      <Text size="sm" className="quiet">
        {text.inviteHint}
      </Text>
      <div className="form-row">
        <TextInput
          label={text.inviteLabel}
          description={text.inviteLabelHint}
          value={label}
          maxLength={120}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <NativeSelect
          label={text.inviteValidity}
          description={text.inviteValidityHint}
          value={validHours}
          onChange={(event) => setValidHours(Number(event.currentTarget.value))}
          data={VALIDITIES_HOURS.map((hours) => ({ value: String(hours), label: text.forHours(hours) }))}
        />
        <TextInput
          label={text.inviteDevices}
          description={text.inviteDevicesHint}
          inputMode="numeric"
          value={devices}
          onChange={(event) => setDevices(event.currentTarget.value.trim())}
          error={!isPossible && text.inviteDevicesFault}
        />
      </div>
      {making.error && <Problem error={making.error} />}
      <Group>
        <Button type="submit" loading={making.isPending} disabled={!isPossible}>
          {text.makeInvite}
        </Button>
      </Group>
      {making.data && <CopyField label={text.joinLink} value={making.data.joinUrl} testId="join-link" />}
    </form>
  );
}
