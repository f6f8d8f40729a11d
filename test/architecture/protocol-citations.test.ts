/** `docs/protocol.md` and the tests hold each other: what is numbered is tested, and what is cited is written down. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROTOCOL = readFileSync(path.join(ROOT, 'docs/protocol.md'), 'utf8');
const DEFINED = /\*\*\[([A-Z]-\d+)\]\*\*/g;
const defined = idsIn(PROTOCOL, DEFINED);
const cited = new Set(testFiles().flatMap((file) => [...idsIn(codeOf(file), /\[([A-Z]-\d+)\]/g)]));

it('every number is given once', () => {
  const numbers = [...PROTOCOL.matchAll(DEFINED)].map(([, id]) => id);
  expect(numbers.filter((id, i) => numbers.indexOf(id) !== i)).toEqual([]);
});

it('every numbered behaviour is cited by a test', () => {
  expect([...defined].filter((id) => !cited.has(id))).toEqual([]);
  expect(defined.size).toBeGreaterThan(40);
});

it('every cited behaviour is in the protocol document', () => {
  expect([...cited].filter((id) => !defined.has(id))).toEqual([]);
});

function idsIn(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map((match) => match[1]!));
}

/** Without comments: a title cites what its test proves, a remark proves nothing. */
function codeOf(file: string): string {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => !/^\s*(\/\*|\*|\/\/)/.test(line)).join('\n');
}

function testFiles(): string[] {
  return ['packages', 'apps', 'test']
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(ROOT, folder, name),
      ),
    )
    .filter((file) => /[/\\]test[/\\].*\.ts$/.test(file) && !/node_modules|dist[/\\]/.test(file));
}
