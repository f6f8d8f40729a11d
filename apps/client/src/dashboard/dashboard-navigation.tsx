/** Where one is in the dashboard, who one is here, and the way out. */
import { Anchor, Button, Group, Text } from '@mantine/core';
import { useHash } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { mayActAs } from '@tributary/fl-core';
import { logOut } from '../api/admin.ts';
import { words } from '../messages/index.ts';
import { useOperator } from './operator-context.ts';
import { Problem } from './problem.tsx';
import { DEVICE_ADDRESS, PEOPLE_ADDRESS, RUNS_ADDRESS, viewOf } from './view.ts';

export function DashboardNavigation() {
  const text = words.admin;
  const { name, role } = useOperator();
  const queries = useQueryClient();
  const leaving = useMutation({
    mutationFn: logOut,
    // Nothing of what this operator saw stays behind for whoever comes next.
    onSuccess: () => {
      queries.clear();
      location.assign('/admin');
      location.reload();
    },
  });
  const [hash] = useHash();
  const { page } = viewOf(hash);
  const links = [
    { address: RUNS_ADDRESS, label: text.runs, isHere: page === 'runs' || page === 'run' || page === 'new' },
    ...(mayActAs(role, 'owner')
      ? [{ address: PEOPLE_ADDRESS, label: text.people, isHere: page === 'people' }]
      : []),
    { address: DEVICE_ADDRESS, label: text.thisDevice, isHere: page === 'device' },
  ];
  return (
    <>
      <Group justify="space-between" gap="xs" mb="md" className="dashboard-navigation">
        <Group component="nav" gap="md" aria-label={text.title}>
          {links.map(({ address, label, isHere }) => (
            <Anchor key={address} href={address} {...(isHere && { 'aria-current': 'page', fw: 650 })}>
              {label}
            </Anchor>
          ))}
        </Group>
        <Group gap="xs">
          <Text size="sm" className="quiet">
            {text.loggedInAs(name, text.roles[role])}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            loading={leaving.isPending}
            onClick={() => leaving.mutate()}
          >
            {text.logOut}
          </Button>
        </Group>
      </Group>
      {leaving.error && <Problem error={leaving.error} />}
    </>
  );
}
