/**
 * One coordinator per data folder. The lock is an open exclusive transaction on a database of its own: the
 * operating system drops it with the process, however that ends, so there is no stale lock to clean up.
 */
import { join } from 'node:path';
import { TributaryError } from '@tributary/fl-core';
import Database from 'libsql';

export function lockFolder(folder: string): { release(): void } {
  const database = new Database(join(folder, 'lock.db'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new TributaryError('conflict', `another coordinator is using ${folder}`, { cause });
  }
  return {
    release() {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}
