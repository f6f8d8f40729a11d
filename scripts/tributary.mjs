/**
 * `npm run tributary -- COMMAND`. A launcher in the repository, so that a clone without `node_modules` never
 * runs a stranger's package of that name.
 */
import path from 'node:path';
import { become, ensureCompiled, ensureInstalled, ensurePageBuilt, root, say } from './setup.mjs';

const args = process.argv.slice(2);
try {
  await ensureInstalled();
  await ensureCompiled();
  if (args[0] === 'serve') await ensurePageBuilt();
} catch (error) {
  say(error.message);
  process.exit(1);
}
become(process.execPath, [path.join(root, 'apps/coordinator/dist/main.js'), ...args]);
