/**
 * What a visit costs before training begins: every file that a page may load, gzip, without tfjs. A page is its own
 * chunk, what it imports, now or later, and the workers that it opens.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Manifest } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

const LIMIT_BYTES = 250_000;
const CLIENT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'index.html';
const PARTICIPANT = 'src/participant-page/join-page.tsx';
const DASHBOARD = 'src/dashboard/dashboard-page.tsx';
/** Steers nothing: who never measures a device loads none of it. */
const DEVICE = 'src/dashboard/device/device-page.tsx';
/** Only who plans a run loads it. */
const NEW_RUN = 'src/dashboard/new-run/new-run-page.tsx';
const FORM_WORDS = ['en', 'de'].map((language) => `src/messages/${language}/manifest-form.ts`);
/** Behind the form, once it is shown: every code, to try plans out. */
const TRY_OUT = ['forecast-section', 'wish-form'].map((name) => `src/dashboard/new-run/${name}.tsx`);
/** Only who takes part in a run with secure aggregation loads it: most of it after training. */
const SECURE_SUM = [
  'src/participant-page/secure-sum-section.tsx',
  'src/messages/en/secure-sum.ts',
  'src/messages/de/secure-sum.ts',
  '../../packages/participant/src/secure-sum/round-sum.ts',
  '../../packages/participant/src/round/ring-update.ts',
];
/** Only who looks at single rows, or tries the model, loads it: training needs none of it. */
const CLOSER_LOOKS = ['src/vault/rows-view.tsx', 'src/participant-page/trial/trial-outcome.tsx'];
/** Without a worker for them only: codes of updates, after training. */
const CODES = ['../../packages/participant/src/round/clear-code.ts'];
/** Only who takes part in a run whose models come coded loads it. */
const CODED_MODELS = '../../packages/participant/src/transport/coded-download.ts';
/** Only who takes a model home loads it. */
const FORMATS = 'src/dashboard/model/offered-formats.ts';
const isRooflineWorker = (name: string): boolean => /roofline\.worker-[^/]*\.js$/.test(name);
/** Opened once training is over, where a code is computed. */
const isEncodingWorker = (name: string): boolean => /encoding\.worker-[^/]*\.js$/.test(name);

let folder: string;
let manifest: Manifest;
let weights: ReadonlyMap<string, number>;
let tfjs: ReadonlySet<string>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tributary-weight-'));
  // A process of its own: here NODE_ENV says `test`, and React would come in its development form.
  const vite = path.join(CLIENT, '../../node_modules/.bin/vite');
  await promisify(execFile)(
    vite,
    ['build', CLIENT, '--manifest', '--outDir', folder, '--logLevel', 'error'],
    {
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  manifest = JSON.parse(await readFile(path.join(folder, '.vite/manifest.json'), 'utf8')) as Manifest;
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(js|css|html)$/.test(name));
  const contents = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(path.join(folder, name)) })),
  );
  weights = new Map(contents.map(({ name, content }) => [name, gzipSync(content, { level: 9 }).length]));
  // Every kernel of tfjs says its name, and nothing else does.
  tfjs = new Set(contents.filter(({ content }) => content.includes('kernelName')).map(({ name }) => name));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a participant loads at most 250 kB before training, workers included', () => {
  const workers = [...weights.keys()].filter(
    (name) => /\.worker-[^/]*\.js$/.test(name) && !isRooflineWorker(name) && !isEncodingWorker(name),
  );
  expect(workers.length).toBeGreaterThan(1);
  const words = wordsOf('participant');
  expect(
    weigh([
      ...filesFrom(ENTRY),
      ...filesFrom(PARTICIPANT, new Set([...SECURE_SUM, ...CODES, CODED_MODELS, ...CLOSER_LOOKS])),
      ...words,
      ...workers,
    ]),
  ).toBeLessThan(LIMIT_BYTES);
});

it('an operator loads at most 250 kB', () => {
  const words = wordsOf('admin');
  expect(
    weigh([...filesFrom(ENTRY), ...filesFrom(DASHBOARD, new Set([DEVICE, FORMATS, NEW_RUN])), ...words]),
  ).toBeLessThan(LIMIT_BYTES);
});

it.each(FORM_WORDS)('planning a run loads at most 30 kB more, with %s', (spoken) => {
  const known = new Set([...filesFrom(ENTRY), ...filesFrom(DASHBOARD, new Set([DEVICE, FORMATS, NEW_RUN]))]);
  const page = filesFrom(NEW_RUN, new Set([...TRY_OUT, ...FORM_WORDS]));
  const own = [...page, ...filesFrom(spoken)].filter((file) => !known.has(file));
  expect(own.length).toBeGreaterThan(1);
  expect(weigh(own)).toBeLessThan(30_000);
});

it('trying out a plan loads at most 35 kB more', () => {
  const known = new Set([...filesFrom(ENTRY), ...filesFrom(NEW_RUN, new Set(TRY_OUT))]);
  const own = TRY_OUT.flatMap((part) => filesFrom(part)).filter((file) => !known.has(file));
  expect(own.length).toBeGreaterThan(0);
  expect(weigh(own)).toBeLessThan(35_000);
});

it('a secure sum loads at most 45 kB more, for browsers without X25519, too', () => {
  const known = new Set([...filesFrom(ENTRY), ...filesFrom(PARTICIPANT, new Set(SECURE_SUM))]);
  const own = SECURE_SUM.flatMap((part) => filesFrom(part)).filter((file) => !known.has(file));
  expect(own.length).toBeGreaterThan(SECURE_SUM.length);
  expect(weigh(own)).toBeLessThan(45_000);
});

it('looking at single rows and trying the model load at most 6 kB more', () => {
  const known = new Set([...filesFrom(ENTRY), ...filesFrom(PARTICIPANT, new Set(CLOSER_LOOKS))]);
  const own = CLOSER_LOOKS.flatMap((part) => filesFrom(part)).filter((file) => !known.has(file));
  expect(own.length).toBeGreaterThanOrEqual(CLOSER_LOOKS.length);
  expect(weigh(own)).toBeLessThan(6000);
});

it('taking models coded loads at most 8 kB more', () => {
  const known = new Set([...filesFrom(ENTRY), ...filesFrom(PARTICIPANT, new Set([CODED_MODELS]))]);
  const own = filesFrom(CODED_MODELS).filter((file) => !known.has(file));
  expect(own.length).toBeGreaterThan(0);
  expect(weigh(own)).toBeLessThan(8000);
});

it('coding an update loads at most 45 kB more, once training is over', () => {
  const worker = [...weights.keys()].filter(isEncodingWorker);
  expect(worker).toHaveLength(1);
  expect(weigh(worker)).toBeLessThan(45_000);
});

it('taking a model home loads at most 10 kB more', () => {
  const known = new Set(filesFrom(DASHBOARD, new Set([DEVICE, FORMATS, NEW_RUN])));
  const own = filesFrom(FORMATS).filter((file) => !known.has(file));
  expect(own.length).toBeGreaterThan(0);
  expect(weigh(own)).toBeLessThan(10_000);
});

it('measuring a device loads at most 100 kB more', () => {
  const known = new Set([...filesFrom(ENTRY), ...filesFrom(DASHBOARD, new Set([DEVICE, NEW_RUN]))]);
  const own = filesFrom(DEVICE).filter((file) => !known.has(file));
  const worker = [...weights.keys()].filter(isRooflineWorker);
  expect(worker).toHaveLength(1);
  expect(weigh(own)).toBeLessThan(10_000);
  expect(weigh([...own, ...worker])).toBeLessThan(100_000);
});

it('tfjs is in files of its own, which no page imports by itself', () => {
  expect(tfjs.size).toBeGreaterThan(3);
  for (const page of [ENTRY, PARTICIPANT, DASHBOARD]) {
    expect(filesFrom(page).filter((file) => tfjs.has(file))).toEqual([]);
  }
});

/** In every language. */
const wordsOf = (page: string): string[] =>
  ['en', 'de'].flatMap((language) => filesFrom(`src/messages/${language}/${page}.ts`));

function weigh(files: readonly string[]): number {
  const own = [...new Set(files)].filter((file) => !tfjs.has(file));
  return own.reduce((total, file) => total + (weights.get(file) ?? 0), 0);
}

/** A chunk with everything that it imports; the pages that the entry opens on demand are weighed by themselves. */
function filesFrom(key: string, seen = new Set<string>()): string[] {
  if (seen.has(key)) return [];
  seen.add(key);
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build`);
  const next = [...(chunk.imports ?? []), ...(key === ENTRY ? [] : (chunk.dynamicImports ?? []))];
  return [chunk.file, ...(chunk.css ?? []), ...next.flatMap((imported) => filesFrom(imported, seen))];
}
