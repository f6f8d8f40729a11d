/**
 * The operators' door: a token as bearer, or a session cookie that a token was exchanged for.
 *
 * A *start link* holds a second kind of token: it opens a session of the first owner, is never a bearer, lives in
 * memory only, and dies with the process. `serve --demo` prints one at each start.
 */
import { type Instant, type OperatorSession, TributaryError } from '@tributary/fl-core';
import type { OperatorStore, SessionLimits, StoredOperator } from '../storage/operator-store.ts';
import { attemptLimit } from './attempt-limit.ts';
import { firstOwner, nameOperator } from './operators.ts';
import { csrfTokenOf, newSecret, secretHash } from './secrets.ts';

/** A session ends after so long, however busy. */
export const SESSION_HOURS = 12;
/** And after so long in which no page asked for anything. */
const IDLE_HOURS = 2;
const START_LINK_HOURS = 24;
/** A dashboard asks every second; that it did is written down less often. */
const SEEN_EVERY_MS = 60_000;

export interface Credentials {
  readonly bearer: string | undefined;
  readonly session: string | undefined;
  readonly address: string;
}

export interface OperatorDoor {
  /** Names the first owner; null when there are operators already, because only hashes of their tokens are known. */
  firstToken(): Promise<string | null>;
  startLinkToken(): string;
  /**
   * Always a new session: one that was planted in the browser before is worth nothing, and `replaced` ends.
   * @throws TributaryError `unauthorised`, `rate-limited`
   */
  login(
    token: string,
    from: { readonly address: string; readonly replaced: string | undefined },
  ): Promise<{ cookie: string; session: OperatorSession }>;
  /** @throws TributaryError `unauthorised`, `rate-limited` */
  authorise(credentials: Credentials): Promise<OperatorSession>;
  logout(session: string): Promise<void>;
}

export function operatorDoor(store: OperatorStore, now: () => number = Date.now): OperatorDoor {
  const limit = attemptLimit({ failures: 10, windowMs: 60_000, now });
  const startLinks = new Map<string, number>();
  const at = (): Instant => now() as Instant;
  const limits = (): SessionLimits => ({
    openedAfter: (now() - SESSION_HOURS * 3_600_000) as Instant,
    seenAfter: (now() - IDLE_HOURS * 3_600_000) as Instant,
  });

  // Asked each time: `tributary token` may have replaced it in the meantime.
  const holderOf = (token: string): Promise<StoredOperator | null> =>
    store.operatorByToken(secretHash(token));
  const startedBy = async (token: string): Promise<StoredOperator | null> =>
    (startLinks.get(secretHash(token)) ?? 0) > now() ? firstOwner(store) : null;
  const see = async (operator: StoredOperator): Promise<void> => {
    if (now() - (operator.lastSeenAt ?? 0) >= SEEN_EVERY_MS)
      await store.operatorSeen(operator.operatorId, at());
  };

  return {
    async firstToken() {
      if ((await store.operators()).length > 0) return null;
      return (await nameOperator(store, { name: 'Owner', role: 'owner' })).token;
    },

    startLinkToken() {
      const token = newSecret();
      startLinks.set(secretHash(token), now() + START_LINK_HOURS * 3_600_000);
      return token;
    },

    async login(token, { address, replaced }) {
      limit.check(address);
      const operator = (await startedBy(token)) ?? (await holderOf(token));
      if (!operator) {
        limit.failed(address);
        throw new TributaryError(
          'unauthorised',
          'this token is not valid; `tributary token` makes a new one',
        );
      }
      await store.sweepSessions(limits());
      if (replaced !== undefined) await store.endSession(secretHash(replaced));
      const cookie = newSecret();
      await store.openSession({
        hash: secretHash(cookie),
        operatorId: operator.operatorId,
        openedAt: at(),
        lastSeenAt: at(),
      });
      await see(operator);
      return { cookie, session: sessionFor(operator, csrfTokenOf(cookie)) };
    },

    async authorise({ bearer, session, address }) {
      // First, because somebody else's guessing at the same address must not lock out who is logged in.
      if (bearer === undefined && session !== undefined) {
        const found = await store.sessionOf(secretHash(session), limits());
        if (found) {
          if (now() - found.session.lastSeenAt >= SEEN_EVERY_MS)
            await store.sessionSeen(found.session.hash, at());
          await see(found.operator);
          return sessionFor(found.operator, csrfTokenOf(session));
        }
      }
      limit.check(address);
      const operator = bearer === undefined ? null : await holderOf(bearer);
      if (operator) {
        await see(operator);
        return sessionFor(operator, null);
      }
      // Nothing presented, or a session that ran out, is no attempt at guessing.
      if (bearer !== undefined) limit.failed(address);
      throw new TributaryError('unauthorised', 'log in with an operator token');
    },

    logout: (session) => store.endSession(secretHash(session)),
  };
}

function sessionFor({ operatorId, name, role }: StoredOperator, csrfToken: string | null): OperatorSession {
  return { operatorId, name, role, csrfToken };
}
