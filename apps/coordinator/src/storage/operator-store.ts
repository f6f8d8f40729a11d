/** The port to who may operate, and which browsers are logged in. Secrets are here as hashes only. */
import type { Instant, OperatorRole } from '@tributary/fl-core';

export interface StoredOperator {
  readonly operatorId: string;
  /** No two operators have the same. */
  readonly name: string;
  readonly role: OperatorRole;
  /** Hex SHA-256 of the token. */
  readonly tokenHash: string;
  readonly createdAt: Instant;
  readonly lastSeenAt: Instant | null;
}

export interface StoredSession {
  /** Hex SHA-256 of the cookie. */
  readonly hash: string;
  readonly operatorId: string;
  readonly openedAt: Instant;
  readonly lastSeenAt: Instant;
}

/** Sessions from before one of these are over: absolutely, or because nobody used them. */
export interface SessionLimits {
  readonly openedAfter: Instant;
  readonly seenAfter: Instant;
}

/** Every promise resolves when its change would survive a power cut. */
export interface OperatorStore {
  /** Oldest first. */
  operators(): Promise<readonly StoredOperator[]>;
  /** @returns false when somebody has this name */
  createOperator(operator: StoredOperator): Promise<boolean>;
  operatorByToken(tokenHash: string): Promise<StoredOperator | null>;
  /** Ends the operator's sessions with the old token. @returns false when there is no such operator */
  replaceToken(operatorId: string, tokenHash: string): Promise<boolean>;
  /** Ends the operator's sessions. The last owner stays. */
  removeOperator(operatorId: string): Promise<'removed' | 'unknown' | 'last-owner'>;
  operatorSeen(operatorId: string, at: Instant): Promise<void>;

  openSession(session: StoredSession): Promise<void>;
  /** Null when there is none within the limits. */
  sessionOf(
    hash: string,
    limits: SessionLimits,
  ): Promise<{ readonly session: StoredSession; readonly operator: StoredOperator } | null>;
  sessionSeen(hash: string, at: Instant): Promise<void>;
  endSession(hash: string): Promise<void>;
  /** Forgets those beyond the limits. */
  sweepSessions(limits: SessionLimits): Promise<void>;
}
