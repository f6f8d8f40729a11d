/**
 * The architecture rules are worth what their tools refuse. Each test plants one violation in a skeleton of the
 * house (its manifests and rule files, no sources) and sees it refused by the rule that is meant to.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SKELETON_FILES = [
  'package.json',
  'biome.json',
  '.gitignore',
  'tsconfig.base.json',
  ...['packages', 'apps'].flatMap((folder) =>
    ['package.json', 'tsconfig.json'].map((name) => [folder, name]),
  ),
];
let skeleton: string;

beforeAll(() => {
  skeleton = mkdtempSync(path.join(os.tmpdir(), 'tributary-rules-'));
  for (const entry of SKELETON_FILES) {
    const files = typeof entry === 'string' ? [entry] : workspaceFiles(entry[0]!, entry[1]!);
    for (const file of files) cpSync(path.join(ROOT, file), path.join(skeleton, file));
  }
  cpSync(path.join(ROOT, 'scripts/lint'), path.join(skeleton, 'scripts/lint'), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(skeleton, 'node_modules'));
});

afterAll(() => rmSync(skeleton, { recursive: true, force: true }));

describe('the linter refuses', () => {
  it.each([
    [
      'ambient randomness in a pure package',
      'packages/simulation',
      'export const a = Math.random();',
      'plugin',
    ],
    ['a clock in a pure package', 'packages/fl-core', 'export const a = Date.now();', 'noRestrictedGlobals'],
    [
      'a timer in a pure package',
      'packages/privacy',
      'setTimeout(() => undefined, 1);',
      'noRestrictedGlobals',
    ],
    [
      'a worker that the content security policy would refuse',
      'apps/client',
      "new Worker('w.js').terminate();",
      'plugin',
    ],
    ['a file in a pure package', 'packages/fl-core', "export * from 'node:fs';", 'noRestrictedImports'],
    [
      'a leaf that knows the other',
      'packages/compression',
      "export * from '@tributary/privacy';",
      'noRestrictedImports',
    ],
    [
      'fl-core importing upwards',
      'packages/fl-core',
      "export * from '@tributary/participant';",
      'noRestrictedImports',
    ],
    [
      'a package importing an app',
      'packages/training',
      "export * from '@tributary/coordinator';",
      'noUndeclaredDependencies',
    ],
    [
      'a package that nobody declared',
      'packages/participant',
      "export * from 'left-pad';",
      'noUndeclaredDependencies',
    ],
    ['any', 'packages/participant', 'export const a: any = 1;', 'noExplicitAny'],
    [
      'a forgotten promise',
      'apps/coordinator',
      'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}',
      'noFloatingPromises',
    ],
    [
      'a switch that forgets a case',
      'packages/fl-core',
      "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 0;\n}",
      'useExhaustiveSwitchCases',
    ],
  ])('%s', (_, workspace, source, rule) => {
    const { code, output } = lint({ [`${workspace}/src/planted.ts`]: `${source}\n` });
    expect(output).toContain(rule);
    expect(code).not.toBe(0);
  });

  it('an import cycle', () => {
    const { code, output } = lint({
      'packages/fl-core/src/one.ts':
        "import { two } from './two.ts';\nexport const one = (): number => two();\n",
      'packages/fl-core/src/two.ts':
        "import { one } from './one.ts';\nexport const two = (): number => one();\n",
    });
    expect(output).toContain('noImportCycles');
    expect(code).not.toBe(0);
  });

  it('nothing of an honest file', () => {
    const { code, output } = lint({ 'packages/fl-core/src/honest.ts': 'export const honest = 1;\n' });
    expect(output).toContain('No fixes applied');
    expect(code).toBe(0);
  });
});

describe('the compiler refuses', () => {
  it.each([
    ['a timer', 'setTimeout(() => undefined, 1);'],
    ['the network', "export const a = fetch('/');"],
    ['ambient cryptography', 'export const a = crypto.getRandomValues(new Uint8Array(1));'],
    ['the process', 'export const a = process.env;'],
    ['the console', "console.log('a');"],
    ['a path into another package', "export * from '@tributary/compression/src/fixed-point.ts';"],
  ])('%s in a pure package', (_, source) => {
    for (const workspace of ['packages/fl-core', 'packages/simulation']) {
      const { code, output } = compile(workspace, `${source}\n`);
      expect(output).toMatch(/planted\.ts.*error TS(2304|2307|2580|2584|2591)/);
      expect(code).not.toBe(0);
    }
  });

  it('nothing of an honest file', () => {
    expect(compile('packages/fl-core', 'export const honest = 1;\n')).toMatchObject({ code: 0 });
  });
});

function lint(files: Record<string, string>) {
  plant(files);
  const result = run('biome', ['lint', '--error-on-warnings', '--colors=off', ...Object.keys(files)]);
  for (const file of Object.keys(files)) rmSync(path.join(skeleton, file));
  return result;
}

/** With the workspace's own tsconfig, but for the references, whose sources the skeleton does not have. */
function compile(workspace: string, source: string) {
  const planted = `${workspace}/src/planted.ts`;
  const config = `${workspace}/tsconfig.planted.json`;
  plant({
    [planted]: source,
    [config]: JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: {
        composite: false,
        incremental: false,
        tsBuildInfoFile: null,
        noEmit: true,
        declaration: false,
      },
      include: ['src/planted.ts'],
      references: [],
    }),
  });
  const result = run('tsc', ['-p', config, '--pretty', 'false']);
  for (const file of [planted, config]) rmSync(path.join(skeleton, file));
  return result;
}

function run(program: string, args: readonly string[]) {
  const result = spawnSync(path.join(ROOT, 'node_modules/.bin', program), [...args], {
    cwd: skeleton,
    encoding: 'utf8',
  });
  return { code: result.status, output: `${result.stdout}${result.stderr}` };
}

function plant(files: Record<string, string>): void {
  for (const [file, source] of Object.entries(files)) {
    const target = path.join(skeleton, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, source);
  }
}

function workspaceFiles(folder: string, name: string): string[] {
  return readdirSync(path.join(ROOT, folder))
    .map((workspace) => path.join(folder, workspace, name))
    .filter((file) => existsSync(path.join(ROOT, file)));
}
