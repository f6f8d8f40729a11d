/**
 * The tables, in types and statements that SQLite and Postgres both take: text, 64-bit integers, doubles.
 * Documents (manifest, state, summary) are JSON text: they are read and written whole.
 */
import { type Kysely, type Migration, Migrator } from 'kysely';
import { invites } from './migrations/0002-invites.ts';
import { operators } from './migrations/0003-operators.ts';
import { goingBack } from './migrations/0004-going-back.ts';
import { sealedShares } from './migrations/0005-sealed-shares.ts';

export interface Tables {
  runs: {
    run_id: string;
    created_at: number;
    manifest: string;
    state: string;
    tally: string;
    optimiser_hash: string | null;
    /** Counts the changes to its finished rounds. */
    revision: number;
    totals: string;
  };
  rounds: {
    run_id: string;
    round_number: number;
    summary: string;
    validation_accuracy: number | null;
    validation_loss: number | null;
    participant_accuracy: number | null;
    /** 0 or 1. */
    is_superseded: number;
    /** The run's revision when it changed last. */
    revision: number;
  };
  /** Round 0 is the first model, which has no optimiser state yet. */
  models: { hash: string; run_id: string; round_number: number; optimiser_hash: string | null };
  contributions: {
    run_id: string;
    client_id: string;
    accepted_updates: number;
    last_round_number: number;
    last_update_hash: string;
  };
  invites: {
    invite_id: string;
    run_id: string;
    label: string;
    created_at: number;
    expires_at: number;
    maximum_devices: number | null;
    revoked_at: number | null;
  };
  admissions: { invite_id: string; client_id: string };
  operators: {
    operator_id: string;
    name: string;
    role: string;
    token_hash: string;
    created_at: number;
    last_seen_at: number | null;
  };
  sessions: { hash: string; operator_id: string; opened_at: number; last_seen_at: number };
  steering: {
    run_id: string;
    entry_number: number;
    at: number;
    operator_name: string;
    action: string;
    detail: string;
  };
  /** Of rounds in progress; base64. */
  sealed_shares: { run_id: string; round_number: number; client_id: string; shares: string };
}

export const MIGRATIONS: Record<string, Migration> = {
  '0001-first': {
    async up(db) {
      await db.schema
        .createTable('runs')
        .addColumn('run_id', 'text', (column) => column.primaryKey())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('manifest', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('tally', 'text', (column) => column.notNull())
        .addColumn('optimiser_hash', 'text')
        .execute();
      await db.schema
        .createTable('rounds')
        .addColumn('run_id', 'text', (column) => column.notNull().references('runs.run_id'))
        .addColumn('round_number', 'bigint', (column) => column.notNull())
        .addColumn('summary', 'text', (column) => column.notNull())
        .addColumn('validation_accuracy', 'double precision')
        .addColumn('validation_loss', 'double precision')
        .addPrimaryKeyConstraint('rounds_key', ['run_id', 'round_number'])
        .execute();
      await db.schema
        .createTable('models')
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('run_id', 'text', (column) => column.notNull().references('runs.run_id'))
        .addColumn('round_number', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('models_key', ['hash', 'run_id', 'round_number'])
        .execute();
      await db.schema
        .createTable('contributions')
        .addColumn('run_id', 'text', (column) => column.notNull().references('runs.run_id'))
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('accepted_updates', 'bigint', (column) => column.notNull())
        .addColumn('last_round_number', 'bigint', (column) => column.notNull())
        .addColumn('last_update_hash', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('contributions_key', ['run_id', 'client_id'])
        .execute();
      await db.schema
        .createTable('secrets')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('sessions')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0002-invites': invites,
  '0003-operators': operators,
  '0004-going-back': goingBack,
  '0005-sealed-shares': sealedShares,
};

export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
