/** `token`: a new operator token, also while the coordinator runs. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { replaceOperatorToken } from '../auth/operator.ts';
import { openDatabase } from '../storage/database.ts';
import { sqliteRunStore } from '../storage/sqlite-run-store.ts';
import { databasePath } from '../storage/storage.ts';
import { type Command, print, printJson, say } from './command.ts';

export const token: Command = {
  help: `Usage: tributary token [--data DIR]

Makes a new operator token and prints it. The old token and every open session stop working at once.

  --data DIR         the coordinator's data folder (default .tributary)
  --json             prints JSON and nothing else on stdout`,

  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { data: { type: 'string', default: '.tributary' }, json: { type: 'boolean', default: false } },
    });
    const path = databasePath(values.data);
    if (!existsSync(path)) {
      say(`There is no coordinator's data in ${values.data}; its first start prints a token.`);
      return 1;
    }
    const database = await openDatabase(path);
    try {
      const operatorToken = await replaceOperatorToken(sqliteRunStore(database));
      if (values.json) printJson({ operatorToken });
      else print(operatorToken);
      return 0;
    } finally {
      await database.destroy();
    }
  },
};
