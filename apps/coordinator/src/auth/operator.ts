/**
 * Who may operate: the holder of the operator token (as bearer, or exchanged for a session cookie).
 *
 * A *start link* holds a second kind of token: it opens a session, is never a bearer, lives in memory only, and
 * dies with the process. `serve --demo` prints one at each start.
 */
import { type Instant, TributaryError } from '@tributary/fl-core';
import type { RunStore } from '../storage/run-store.ts';
import { attemptLimit } from './attempt-limit.ts';
import { matchesHash, newSecret, secretHash } from './secrets.ts';

export const SESSION_HOURS = 12;
const START_LINK_HOURS = 24;

export interface Credentials {
  readonly bearer: string | undefined;
  readonly session: string | undefined;
  readonly address: string;
}

export interface OperatorDoor {
  /** Makes the first token; null when there is one already, because only its hash is known. */
  firstToken(): Promise<string | null>;
  startLinkToken(): string;
  /** @throws TributaryError `unauthorised`, `rate-limited` */
  login(token: string, address: string): Promise<{ session: string }>;
  /** @throws TributaryError `unauthorised`, `rate-limited` */
  authorise(credentials: Credentials): Promise<void>;
  logout(session: string): Promise<void>;
}

export function operatorDoor(store: RunStore): OperatorDoor {
  const limit = attemptLimit({ failures: 10, windowMs: 60_000 });
  const startLinks = new Map<string, number>();

  const isOperatorToken = async (token: string): Promise<boolean> => {
    // Read each time: `tributary token` may have replaced it in the meantime.
    const hash = await store.operatorTokenHash();
    return hash !== null && matchesHash(token, hash);
  };
  const isStartLinkToken = (token: string): boolean => (startLinks.get(secretHash(token)) ?? 0) > Date.now();

  return {
    async firstToken() {
      return (await store.operatorTokenHash()) === null ? replaceOperatorToken(store) : null;
    },
    startLinkToken() {
      const token = newSecret();
      startLinks.set(secretHash(token), Date.now() + START_LINK_HOURS * 3_600_000);
      return token;
    },
    async login(token, address) {
      limit.check(address);
      if (!isStartLinkToken(token) && !(await isOperatorToken(token))) {
        limit.failed(address);
        throw new TributaryError(
          'unauthorised',
          'this token is not valid; `tributary token` makes a new one',
        );
      }
      const session = newSecret();
      await store.saveSession(secretHash(session), (Date.now() + SESSION_HOURS * 3_600_000) as Instant);
      return { session };
    },
    async authorise({ bearer, session, address }) {
      // First, because somebody else's guessing at the same address must not lock out who is logged in.
      if (session !== undefined && (await store.isSession(secretHash(session), Date.now() as Instant)))
        return;
      limit.check(address);
      if (bearer !== undefined && (await isOperatorToken(bearer))) return;
      // Nothing presented, or a session that ran out, is no attempt at guessing.
      if (bearer !== undefined) limit.failed(address);
      throw new TributaryError('unauthorised', 'log in with the operator token');
    },
    logout: (session) => store.deleteSession(secretHash(session)),
  };
}

/** Makes a new operator token; the old one and every session end. */
export async function replaceOperatorToken(store: RunStore): Promise<string> {
  const token = newSecret();
  await store.saveOperatorTokenHash(secretHash(token));
  await store.deleteAllSessions();
  return token;
}
