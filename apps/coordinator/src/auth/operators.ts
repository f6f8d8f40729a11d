/** Who may operate: naming operators, giving them new tokens, removing them. */
import { randomBytes } from 'node:crypto';
import { type Instant, type OperatorRole, TributaryError } from '@tributary/fl-core';
import type { OperatorStore, StoredOperator } from '../storage/operator-store.ts';
import { newSecret, secretHash } from './secrets.ts';

/** The one moment at which a token is known. */
export interface NamedOperator {
  readonly operator: StoredOperator;
  readonly token: string;
}

/** @throws TributaryError `conflict` when somebody has this name */
export async function nameOperator(
  store: OperatorStore,
  { name, role }: { name: string; role: OperatorRole },
): Promise<NamedOperator> {
  const token = newSecret();
  const operator: StoredOperator = {
    operatorId: `op-${randomBytes(4).toString('hex')}`,
    name,
    role,
    tokenHash: secretHash(token),
    createdAt: Date.now() as Instant,
    lastSeenAt: null,
  };
  if (!(await store.createOperator(operator))) {
    throw new TributaryError('conflict', `there is an operator named ${name} already`);
  }
  return { operator, token };
}

/**
 * The old token and every session that was opened with it end.
 * @throws TributaryError `not-found`
 */
export async function renewToken(store: OperatorStore, operatorId: string): Promise<NamedOperator> {
  const token = newSecret();
  if (!(await store.replaceToken(operatorId, secretHash(token)))) throw unknownOperator();
  const operator = (await store.operators()).find((one) => one.operatorId === operatorId);
  if (!operator) throw unknownOperator();
  return { operator, token };
}

/** @throws TributaryError `not-found`, or `conflict` for the last owner */
export async function removeOperator(store: OperatorStore, operatorId: string): Promise<void> {
  switch (await store.removeOperator(operatorId)) {
    case 'removed':
      return;
    case 'unknown':
      throw unknownOperator();
    case 'last-owner':
      throw new TributaryError('conflict', 'the last owner stays: nobody else could name operators');
  }
}

/** Who was named first. There is always one: the last owner stays. */
export async function firstOwner(store: OperatorStore): Promise<StoredOperator | null> {
  return (await store.operators()).find(({ role }) => role === 'owner') ?? null;
}

const unknownOperator = () => new TributaryError('not-found', 'there is no such operator');
