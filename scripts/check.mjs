/** `npm run check`: format, lint and import rules, types, dead code, fast tests; in under a minute. */
import { bin, ensureInstalled, root, run, say } from './setup.mjs';

const STEPS = [
  ['format, lint, import rules', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['-b']],
  ['dead code', bin('knip'), ['--no-progress']],
  ['fast tests', bin('vitest'), ['run', '--reporter=dot'], { TRIBUTARY_FAST: '1' }],
];

try {
  await ensureInstalled();
} catch (error) {
  say(error.message);
  process.exit(1);
}
const started = Date.now();
let failed = false;
for (const [name, program, args, env] of STEPS) {
  const stepStarted = Date.now();
  try {
    await run(program, args, { quiet: true, env });
    say(`ok      ${name} (${((Date.now() - stepStarted) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed = true;
    say(`FAILED  ${name}: ${error.message.replaceAll(root, '.')}`);
  }
}
say(`${failed ? 'Not good yet' : 'All good'} after ${((Date.now() - started) / 1000).toFixed(1)} s`);
process.exit(failed ? 1 : 0);
