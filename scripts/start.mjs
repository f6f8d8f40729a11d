/** `npm start`: set everything up, then serve the coordinator, the page, the dashboard and a demo run. */
import path from 'node:path';
import { become, ensureCompiled, ensureInstalled, ensurePageBuilt, root, say } from './setup.mjs';

try {
  await ensureInstalled();
  await ensureCompiled();
  await ensurePageBuilt();
} catch (error) {
  say(error.message);
  process.exit(1);
}
const main = path.join(root, 'apps/coordinator/dist/main.js');
become(process.execPath, [main, 'serve', '--demo', ...process.argv.slice(2)]);
