import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Invite, RunId } from '@tributary/fl-core';
import { lazy, Suspense, useState } from 'react';
import { revokeInvite } from '../../api/admin.ts';
import { ConfirmedAction } from '../../appearance/confirmed-action.tsx';
import { useNow } from '../../appearance/use-now.ts';
import { dayAndTime } from '../../messages/figures.ts';
import { words } from '../../messages/index.ts';
import { CopyField } from '../copy-field.tsx';
import { Problem } from '../problem.tsx';

const QrCode = lazy(() => import('./qr-code.tsx'));

export function InviteCard({ runId, invite }: { runId: RunId; invite: Invite }) {
  const text = words.admin;
  const queries = useQueryClient();
  const now = useNow(true);
  const [showsCode, setShowsCode] = useState(false);
  const revoking = useMutation({
    mutationFn: () => revokeInvite(runId, invite.inviteId),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['run', runId, 'invites'] }),
  });
  const isOpen = invite.revokedAt === null && invite.expiresAt > now;
  const name = invite.label || text.unnamedInvite(dayAndTime(invite.createdAt));
  return (
    <li className="stacked" data-open={isOpen || undefined}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="sm" className="quiet">
            {text.devicesJoined(invite.devices, invite.maximumDevices)} · {stateOf(invite, now)}
          </Text>
        </div>
        {isOpen && (
          <Group gap="xs" align="flex-start">
            <Button
              variant="default"
              aria-expanded={showsCode}
              aria-label={`${text.qrCode}: ${name}`}
              onClick={() => setShowsCode(!showsCode)}
            >
              {text.qrCode}
            </Button>
            <ConfirmedAction
              label={text.revoke}
              question={text.revokeQuestion(name)}
              yes={text.revokeYes}
              no={text.cancel}
              testId="revoke-invite"
              onConfirmed={() => revoking.mutate()}
            />
          </Group>
        )}
      </Group>
      {revoking.error && <Problem error={revoking.error} />}
      {isOpen && <CopyField label={text.linkOf(name)} value={invite.joinUrl} />}
      {isOpen && showsCode && (
        <Suspense fallback={<Text className="quiet">{words.loading}</Text>}>
          <QrCode content={invite.joinUrl} name={name} />
        </Suspense>
      )}
    </li>
  );
}

function stateOf({ revokedAt, expiresAt }: Invite, now: number): string {
  const text = words.admin;
  if (revokedAt !== null) return text.revokedAt(dayAndTime(revokedAt));
  return expiresAt <= now ? text.expiredAt(dayAndTime(expiresAt)) : text.expires(dayAndTime(expiresAt));
}
