/** `token`: who may operate, also while the coordinator runs. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OPERATOR_ROLES, type OperatorRole } from '@tributary/fl-core';
import {
  firstOwner,
  type NamedOperator,
  nameOperator,
  removeOperator,
  renewToken,
} from '../auth/operators.ts';
import { openDatabase } from '../storage/database.ts';
import type { OperatorStore, StoredOperator } from '../storage/operator-store.ts';
import { sqliteOperatorStore } from '../storage/sqlite-operator-store.ts';
import { databasePath } from '../storage/storage.ts';
import { type Command, print, printJson, say, UsageError } from './command.ts';

export const token: Command = {
  help: `Usage: tributary token [--name NAME] [--role ROLE] [--data DIR]
       tributary token list
       tributary token revoke --name NAME

Makes an operator token and prints it, once. Without a name it is for the first owner; for somebody who has one, the
old token and the sessions that were opened with it end at once.

  --name NAME        for whom; somebody new is named
  --role ROLE        of somebody new: viewer looks, operator steers runs (default), owner also names operators
  --data DIR         the coordinator's data folder (default .tributary)
  --json             prints JSON and nothing else on stdout`,

  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        role: { type: 'string' },
        data: { type: 'string', default: '.tributary' },
        json: { type: 'boolean', default: false },
      },
    });
    const perform = actionFor(positionals, values);
    const path = databasePath(values.data);
    if (!existsSync(path)) {
      say(`There is no coordinator's data in ${values.data}; its first start prints a token.`);
      return 1;
    }
    const database = await openDatabase(path);
    try {
      const { json, text } = await perform(sqliteOperatorStore(database));
      if (values.json) printJson(json);
      else print(text);
      return 0;
    } finally {
      await database.destroy();
    }
  },
};

type Action = (store: OperatorStore) => Promise<{ json: unknown; text: string }>;

function actionFor(
  [verb, ...rest]: readonly string[],
  { name, role }: { name?: string; role?: string },
): Action {
  if (rest.length > 0 || (verb !== undefined && verb !== 'list' && verb !== 'revoke')) {
    throw new UsageError(`there is no \`token ${[verb, ...rest].join(' ')}\``);
  }
  if (verb === 'list') return list;
  if (verb === 'revoke') {
    if (name === undefined) throw new UsageError('say whose token with --name NAME');
    return (store) => revoke(store, name);
  }
  if (role !== undefined && !isRole(role)) {
    throw new UsageError(`--role is one of ${OPERATOR_ROLES.join(', ')}`);
  }
  if (role !== undefined && name === undefined) throw new UsageError('--role goes with --name');
  if (name !== undefined && (name.length === 0 || name.length > 120)) {
    throw new UsageError('--name has 1 to 120 characters');
  }
  return async (store) => made(await make(store, name, role));
}

const isRole = (role: string): role is OperatorRole => (OPERATOR_ROLES as readonly string[]).includes(role);

async function make(
  store: OperatorStore,
  name: string | undefined,
  role: OperatorRole | undefined,
): Promise<NamedOperator> {
  const known = name === undefined ? await firstOwner(store) : await named(store, name);
  if (!known) {
    return nameOperator(store, name === undefined ? FIRST_OWNER : { name, role: role ?? 'operator' });
  }
  if (role !== undefined && role !== known.role) {
    throw new Error(`${known.name} is ${known.role}; revoke first to give another role`);
  }
  return renewToken(store, known.operatorId);
}

/** A folder whose coordinator never got as far as naming one. */
const FIRST_OWNER = { name: 'Owner', role: 'owner' } as const;

async function named(store: OperatorStore, name: string): Promise<StoredOperator | undefined> {
  return (await store.operators()).find((operator) => operator.name === name);
}

const made = ({ operator: { operatorId, name, role }, token }: NamedOperator) => ({
  json: { operatorToken: token, operatorId, name, role },
  text: token,
});

async function list(store: OperatorStore) {
  const operators = await store.operators();
  const lines = operators.map(({ name, role, lastSeenAt }) => {
    const seen = lastSeenAt === null ? 'never seen' : `last seen ${new Date(lastSeenAt).toISOString()}`;
    return `${role.padEnd(8)}  ${seen.padEnd(34)}  ${name}`;
  });
  return { json: operators.map(({ tokenHash: _, ...told }) => told), text: lines.join('\n') };
}

async function revoke(store: OperatorStore, name: string) {
  const operator = await named(store, name);
  if (!operator) throw new Error(`there is no operator named ${name}; \`tributary token list\` names them`);
  await removeOperator(store, operator.operatorId);
  return { json: { revoked: name }, text: `${name} can operate no more.` };
}
