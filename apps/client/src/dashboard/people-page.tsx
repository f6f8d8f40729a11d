/** Who may look, who may steer, who may name operators. For owners. */
import { Button, Group, NativeSelect, Stack, Table, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { OPERATOR_ROLES, type Operator, type OperatorRole, type OperatorToken } from '@tributary/fl-core';
import { type FormEvent, useState } from 'react';
import { createOperator, fetchOperators, removeOperator, renewToken } from '../api/admin.ts';
import { ConfirmedAction } from '../appearance/confirmed-action.tsx';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { Notice } from '../appearance/notice.tsx';
import { ScrollBox } from '../appearance/scroll-box.tsx';
import { Section } from '../appearance/section.tsx';
import { dayAndTime } from '../messages/figures.ts';
import { words } from '../messages/index.ts';
import { CopyField } from './copy-field.tsx';
import { useMay, useOperator } from './operator-context.ts';
import { Problem } from './problem.tsx';
import { ViewTitle } from './view-title.tsx';

export default function PeoplePage() {
  const text = words.admin;
  const isOwner = useMay('owner');
  const operators = useQuery({
    queryKey: ['operators'],
    queryFn: ({ signal }) => fetchOperators(signal),
    enabled: isOwner,
  });
  const [told, setTold] = useState<OperatorToken | null>(null);
  if (isOwner && !operators.data && !operators.error) return <LoadingPage />;
  return (
    <Stack gap="md">
      <ViewTitle name={text.people} />
      {!isOwner && <Notice tone="careful">{text.onlyOwners}</Notice>}
      {operators.error && <Problem error={operators.error} retry={() => void operators.refetch()} />}
      {operators.data && (
        <>
          {told && <TokenNotice key={told.token} told={told} onRead={() => setTold(null)} />}
          <Section title={text.operators}>
            <OperatorsTable operators={operators.data} onToken={setTold} />
          </Section>
          <Section title={text.newOperator}>
            <NewOperatorForm onToken={setTold} />
          </Section>
        </>
      )}
    </Stack>
  );
}

/** The only time that the token is shown; the coordinator keeps no copy that could be read. */
function TokenNotice({ told, onRead }: { told: OperatorToken; onRead: () => void }) {
  const text = words.admin;
  return (
    <Notice tone="good" title={text.tokenFor(told.operator.name)}>
      <Stack gap="sm">
        <Text size="sm">{text.tokenOnce}</Text>
        <CopyField label={text.token} value={told.token} testId="new-token" />
        <CopyField label={text.loginLink} value={told.loginUrl} testId="new-login-link" />
        <Group>
          <Button variant="default" onClick={onRead}>
            {text.tokenRead}
          </Button>
        </Group>
      </Stack>
    </Notice>
  );
}

interface TableProps {
  readonly operators: readonly Operator[];
  readonly onToken: (token: OperatorToken) => void;
}

function OperatorsTable({ operators, onToken }: TableProps) {
  const text = words.admin;
  const queries = useQueryClient();
  const me = useOperator().operatorId;
  const refresh = () => queries.invalidateQueries({ queryKey: ['operators'] });
  const renewing = useMutation({ mutationFn: renewToken, onSuccess: onToken, onSettled: refresh });
  const removing = useMutation({ mutationFn: removeOperator, onSettled: refresh });
  const error = renewing.error ?? removing.error;
  return (
    <>
      {error && <Problem error={error} />}
      <ScrollBox of={text.operators}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.name}</Table.Th>
              <Table.Th>{text.role}</Table.Th>
              <Table.Th>{text.created}</Table.Th>
              <Table.Th>{text.lastSeen}</Table.Th>
              <Table.Th>{text.access}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {operators.map((operator) => (
              <Table.Tr key={operator.operatorId}>
                <Table.Td className="wraps">
                  {operator.name}
                  {operator.operatorId === me && ` (${text.you})`}
                </Table.Td>
                <Table.Td>{text.roles[operator.role]}</Table.Td>
                <Table.Td className="figures">{dayAndTime(operator.createdAt)}</Table.Td>
                <Table.Td className="figures">
                  {operator.lastSeenAt === null ? text.never : dayAndTime(operator.lastSeenAt)}
                </Table.Td>
                <Table.Td className="wraps">
                  <Group gap="xs" align="flex-start">
                    <ConfirmedAction
                      label={text.newToken}
                      question={text.newTokenQuestion(operator.name)}
                      yes={text.newTokenYes}
                      no={text.cancel}
                      testId="new-token-for"
                      onConfirmed={() => renewing.mutate(operator.operatorId)}
                    />
                    {operator.operatorId !== me && (
                      <ConfirmedAction
                        label={text.remove}
                        question={text.removeQuestion(operator.name)}
                        yes={text.removeYes}
                        no={text.cancel}
                        testId="remove-operator"
                        onConfirmed={() => removing.mutate(operator.operatorId)}
                      />
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollBox>
    </>
  );
}

function NewOperatorForm({ onToken }: { onToken: (token: OperatorToken) => void }) {
  const text = words.admin;
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<OperatorRole>('operator');
  const creating = useMutation({
    mutationFn: createOperator,
    onSuccess: (token) => {
      setName('');
      onToken(token);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['operators'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) creating.mutate({ name: name.trim(), role });
  };
  return (
    <form onSubmit={submit} className="stacked">
      <div className="form-row">
        <TextInput
          label={text.name}
          description={text.operatorNameHint}
          value={name}
          maxLength={120}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={text.role}
          description={text.roleHints[role]}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as OperatorRole)}
          data={OPERATOR_ROLES.map((value) => ({ value, label: text.roles[value] }))}
        />
      </div>
      {creating.error && <Problem error={creating.error} />}
      <Group>
        <Button type="submit" loading={creating.isPending} disabled={!name.trim()}>
          {text.createOperator}
        </Button>
      </Group>
    </form>
  );
}
