import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the example of the README is the one that the compiler checks', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(read('../README.md'))?.[1];
  expect(example).toBe(read('readme-example.ts'));
});
