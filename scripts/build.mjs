/** `npm run build`: compile the packages and the coordinator, bundle the page and the dashboard. */
import { ensureCompiled, ensureInstalled, ensurePageBuilt, say } from './setup.mjs';

try {
  await ensureInstalled();
  await ensureCompiled();
  await ensurePageBuilt();
  say('Built: apps/coordinator/dist and apps/client/dist');
} catch (error) {
  say(error.message);
  process.exit(1);
}
